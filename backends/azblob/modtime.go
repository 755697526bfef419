package azblob

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

// SetModTime writes the time into the metadata of the file, or of the marker of a directory;
// without a marker the error is KindIsDir. The service replaces all metadata at once, so the
// rest is read first and sent again, on condition that the blob has not changed in between.
// Content and properties stay the same, and the version changes.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(b.dirs, p)
	if err != nil {
		return err
	}
	props, err := b.store.head(ctx, name)
	info := props.info()
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
		return b.dirs.setTime(ctx, name, nil, err, t)
	case err != nil:
		return err
	case info.isMarker():
		return b.dirs.setTime(ctx, name, &info, nil, t)
	}
	made, err := b.store.writeModTime(ctx, name, info, t)
	if err == nil {
		b.store.note(ctx, name, made)
	}
	return err
}

// writeModTime sets the time of the blob, on condition that it has not changed, and returns
// its new properties.
func (s *store) writeModTime(ctx context.Context, name string, old blobInfo, t time.Time) (blobInfo, error) {
	meta, err := s.spelled(ctx, name, old)
	if err != nil {
		return blobInfo{}, err
	}
	meta.setTime(t)
	counted, tries := counting(ctx)
	answer, err := s.container.NewBlobClient(name).SetMetadata(counted, meta,
		&blob.SetMetadataOptions{AccessConditions: conditions(version(old.etag), false)})
	if err == nil {
		return blobInfo{size: old.size, lastModified: answer.LastModified, etag: answer.ETag, meta: meta}, nil
	}
	err = fail(ctx, err)
	if vfs.KindOf(err) != vfs.KindConflict || !tries.repeated() {
		return blobInfo{}, err
	}
	// An attempt whose answer was lost may have changed the blob.
	props, headErr := s.head(ctx, name)
	if headErr == nil && props.info().meta.get(metaTime) == meta.get(metaTime) {
		return props.info(), nil
	}
	return blobInfo{}, err
}
