package azblob

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

// SetModTime writes the time into the file's metadata. The service replaces all
// metadata at once, so the rest is read first and sent again, on condition that
// nothing has changed in between. Content and properties stay, the version does
// not.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(p)
	if err != nil {
		return err
	}
	props, err := b.head(ctx, name)
	if err != nil {
		return err
	}
	if props.info().isMarker() {
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	_, err = b.writeModTime(ctx, name, props.info(), t)
	return err
}

// writeModTime gives the blob, which must still be as it was, another time, and
// returns it as it is then.
func (b *Backend) writeModTime(ctx context.Context, name string, old blobInfo, t time.Time) (blobInfo, error) {
	meta, err := b.spelled(ctx, name, old)
	if err != nil {
		return blobInfo{}, err
	}
	meta.setTime(t)
	counted, tries := counting(ctx)
	answer, err := b.container.NewBlobClient(name).SetMetadata(counted, meta,
		&blob.SetMetadataOptions{AccessConditions: conditions(version(old.etag), false)})
	if err == nil {
		return blobInfo{size: old.size, lastModified: answer.LastModified, etag: answer.ETag, meta: meta}, nil
	}
	err = fail(ctx, err)
	if vfs.KindOf(err) != vfs.KindConflict || !tries.repeated() {
		return blobInfo{}, err
	}
	// An attempt whose answer was lost may have changed it.
	props, headErr := b.head(ctx, name)
	if headErr == nil && props.info().meta.get(metaTime) == meta.get(metaTime) {
		return props.info(), nil
	}
	return blobInfo{}, err
}
