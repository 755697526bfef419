package azblob

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

// SetModTime writes the time into the metadata of the file, or of the directory's
// marker: a directory that has none is KindIsDir. The service replaces all
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
	info := props.info()
	if vfs.KindOf(err) == vfs.KindNotExist {
		name = dirPrefix(name)
		info, err = b.slashMarker(ctx, p.Rel(), err)
	}
	if err != nil {
		return err
	}
	_, err = b.writeModTime(ctx, name, info, t)
	return err
}

// slashMarker returns the marker of the form "name/" of a directory that has none
// of the other form. The error for what is no directory is missing.
func (b *Backend) slashMarker(ctx context.Context, name string, missing error) (blobInfo, error) {
	below, err := b.lookBelow(ctx, name)
	switch {
	case err != nil:
		return blobInfo{}, err
	case below.slash != nil && below.slash.size == 0:
		return *below.slash, nil
	case below.isDir():
		return blobInfo{}, vfs.NewError(vfs.KindIsDir, nil)
	}
	return blobInfo{}, missing
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
