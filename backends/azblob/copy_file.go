package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Copy copies a file within the service: a HEAD, and the copy on condition that
// the source is still what it was. Properties and metadata come along but for
// the time, which is the copy's own, and the identity of the upload. All metadata
// must be sent for that, and the HEAD cannot be saved by who knows the version.
//
// A file that is copied onto itself has its time written, as by SetModTime.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if from.IsRoot() || to.IsRoot() {
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	}
	src, err := blobName(from)
	if err != nil {
		return vfs.Info{}, err
	}
	dst, err := blobName(to)
	if err != nil {
		return vfs.Info{}, err
	}
	props, err := b.head(ctx, src)
	if err != nil {
		return vfs.Info{}, err
	}
	source := props.info()
	switch {
	case source.isMarker():
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	case o.Version != "" && o.Version != version(source.etag):
		return vfs.Info{}, vfs.NewError(vfs.KindConflict, nil)
	case src == dst && o.NoReplace:
		return vfs.Info{}, vfs.NewError(vfs.KindExist, nil)
	}
	made := source
	var answer blobInfo
	if src == dst {
		answer, err = b.writeModTime(ctx, src, source, o.ModTime)
		made.meta = answer.meta
	} else {
		if made.meta, err = b.spelled(ctx, src, source); err != nil {
			return vfs.Info{}, err
		}
		made.meta.setTime(o.ModTime)
		made.meta.set(metaUpload, newUploadID())
		answer, err = b.copy(ctx, blobCopy{
			src: src, version: version(source.etag), dst: dst, absent: o.NoReplace, meta: made.meta,
		})
	}
	if err != nil {
		return vfs.Info{}, err
	}
	made.lastModified, made.etag = answer.lastModified, answer.etag
	return made.entry(to.Base()), nil
}
