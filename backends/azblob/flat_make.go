package azblob

import (
	"context"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/vfs"
)

// make makes the marker of a directory, on condition that no blob has its name, while a HEAD
// looks for a marker of the other form, or for a file. When there is one, the new marker is
// deleted. A directory that exists only because something lies below it gets a marker and
// stays when it becomes empty; refusing that would take another request.
func (f *flat) make(ctx context.Context, name string) error {
	if f.made != nil {
		return f.remember(ctx, name)
	}
	own, other := f.markers.blobs(name)
	if reason := badName(own); reason != "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	looked := make(chan error, 1)
	go func() {
		_, err := f.store.head(ctx, other)
		looked <- err
	}()
	made, err := f.putMarker(ctx, own)
	lookErr := <-looked
	switch {
	case err != nil:
		return err
	case vfs.KindOf(lookErr) == vfs.KindNotExist:
		f.store.noteDir(ctx, own, made)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	backErr := f.store.remove(ctx, own, made)
	if lookErr != nil {
		return join(lookErr, backErr)
	}
	return join(vfs.NewError(vfs.KindExist, nil), backErr)
}

// remember makes a directory that only this process knows.
func (f *flat) remember(ctx context.Context, name string) error {
	if reason := badName(dirPrefix(name)); reason != "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	p, err := f.look(ctx, name, anything)
	switch {
	case err != nil:
		return err
	case p.blob != nil || p.slash != nil || !f.made.add(name, time.Now()):
		return vfs.NewError(vfs.KindExist, nil)
	}
	return nil
}

// putMarker makes the marker and returns its version; KindExist when a blob of
// that name is there.
func (f *flat) putMarker(ctx context.Context, marker string) (string, error) {
	upload := newUploadID()
	meta := metadata{metaDir: to.Ptr("true"), metaUpload: to.Ptr(upload)}
	counted, tries := counting(ctx)
	answer, err := f.store.container.NewBlockBlobClient(marker).Upload(counted, streaming.NopCloser(strings.NewReader("")),
		&blockblob.UploadOptions{Metadata: meta, AccessConditions: conditions("", true)})
	if err == nil {
		return version(answer.ETag), nil
	}
	err = fail(ctx, err)
	if tries.repeated() && vfs.KindOf(err) == vfs.KindExist {
		if props, headErr := f.store.head(ctx, marker); headErr == nil && props.info().meta.get(metaUpload) == upload {
			return version(props.ETag), nil
		}
	}
	return "", err
}
