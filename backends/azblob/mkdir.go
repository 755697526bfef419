package azblob

import (
	"context"
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/vfs"
)

// Mkdir makes the directory p: its marker, while a HEAD looks for a file or a
// foreign marker of that name. If there is one, our marker is taken back. A
// directory that exists only because something lies below it gets a marker and
// stays when it becomes empty; to refuse that would take another request.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindExist, nil)
	}
	name, err := blobName(p)
	if err != nil {
		return err
	}
	if reason := badName(dirPrefix(name)); reason != "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	looked := make(chan error, 1)
	go func() {
		_, err := b.head(ctx, name)
		looked <- err
	}()
	made, err := b.putMarker(ctx, dirPrefix(name))
	lookErr := <-looked
	switch {
	case err != nil:
		return err
	case vfs.KindOf(lookErr) == vfs.KindNotExist && lookErr != nil:
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	backErr := b.remove(ctx, dirPrefix(name), made)
	if lookErr != nil {
		return errors.Join(lookErr, backErr)
	}
	return errors.Join(vfs.NewError(vfs.KindExist, nil), backErr)
}

// putMarker makes the marker and returns its version; KindExist when it is
// there.
func (b *Backend) putMarker(ctx context.Context, marker string) (string, error) {
	meta := markerMetadata()
	upload := newUploadID()
	meta.set(metaUpload, upload)
	counted, tries := counting(ctx)
	answer, err := b.container.NewBlockBlobClient(marker).Upload(counted, streaming.NopCloser(strings.NewReader("")),
		&blockblob.UploadOptions{Metadata: meta, AccessConditions: conditions("", true)})
	if err == nil {
		return version(answer.ETag), nil
	}
	err = fail(ctx, err)
	if tries.repeated() && vfs.KindOf(err) == vfs.KindExist {
		if props, headErr := b.head(ctx, marker); headErr == nil && props.info().meta.get(metaUpload) == upload {
			return version(props.ETag), nil
		}
	}
	return "", err
}
