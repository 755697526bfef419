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

// Markers says which blob marks a directory that Mkdir makes. Those of others are
// understood in both forms, whatever is chosen.
type Markers string

// The forms.
const (
	// MarkersHDI is the empty blob "dir" with the metadata hdi_isfolder=true, as
	// blobfuse2, Hadoop and Spark write it.
	MarkersHDI Markers = "hdi"
	// MarkersSlash is the empty blob "dir/" with that metadata, as rclone writes
	// it.
	MarkersSlash Markers = "slash"
	// MarkersNone is no blob at all: a directory without files is known to the
	// process that made it, and to nobody else.
	MarkersNone Markers = "none"
)

// blobs returns the name of the marker that is made for a directory, and the name
// that it has in the other form.
func (m Markers) blobs(dir string) (own, other string) {
	if m == MarkersSlash {
		return dirPrefix(dir), dir
	}
	return dir, dirPrefix(dir)
}

// Mkdir makes the directory p: its marker, which must be the first blob of its
// name, while a HEAD looks for one of the other form, or for a file. If there is
// one, the marker is taken back. A directory that exists only because something
// lies below it gets a marker and stays when it becomes empty; to refuse that
// would take another request.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindExist, nil)
	}
	name, err := blobName(p)
	if err != nil {
		return err
	}
	if b.made != nil {
		return b.remember(ctx, name)
	}
	own, other := b.markers.blobs(name)
	if reason := badName(own); reason != "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	looked := make(chan error, 1)
	go func() {
		_, err := b.head(ctx, other)
		looked <- err
	}()
	made, err := b.putMarker(ctx, own)
	lookErr := <-looked
	switch {
	case err != nil:
		return err
	case vfs.KindOf(lookErr) == vfs.KindNotExist:
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	backErr := b.remove(ctx, own, made)
	if lookErr != nil {
		return join(lookErr, backErr)
	}
	return join(vfs.NewError(vfs.KindExist, nil), backErr)
}

// remember makes a directory for this process.
func (b *Backend) remember(ctx context.Context, name string) error {
	if reason := badName(dirPrefix(name)); reason != "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	p, err := b.look(ctx, name, anything)
	switch {
	case err != nil:
		return err
	case p.blob != nil || p.slash != nil || !b.made.add(name, time.Now()):
		return vfs.NewError(vfs.KindExist, nil)
	}
	return nil
}

// putMarker makes the marker and returns its version; KindExist when a blob of
// that name is there.
func (b *Backend) putMarker(ctx context.Context, marker string) (string, error) {
	upload := newUploadID()
	meta := metadata{metaDir: to.Ptr("true"), metaUpload: to.Ptr(upload)}
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
