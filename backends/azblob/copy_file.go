package azblob

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/vfs"
)

// Copy copies a file within the service. Source and target are looked up at the same time,
// and the copy is made on condition that neither has changed since. The copy has the
// properties and the metadata of the source, except for the time and the identity of the
// upload.
//
// Copying a file onto itself sets its time, as SetModTime does.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if from.IsRoot() || to.IsRoot() {
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	}
	src, err := blobName(b.dirs, from)
	if err != nil {
		return vfs.Info{}, err
	}
	dst, err := blobName(b.dirs, to)
	if err != nil {
		return vfs.Info{}, err
	}
	if src == dst {
		return b.copyOntoItself(ctx, src, to.Base(), o)
	}
	target := b.looking(ctx, dst)
	source, err := b.sourceOf(ctx, src, o.Version)
	at := <-target
	if err != nil {
		return vfs.Info{}, err
	}
	made := source
	if made.meta, err = b.store.spelled(ctx, src, source); err != nil {
		return vfs.Info{}, err
	}
	made.meta.setTime(o.ModTime)
	made.meta.set(metaUpload, newUploadID())
	answer, err := b.copyTo(ctx, &blobCopy{src: src, from: source, dst: dst, meta: made.meta}, at, o.NoReplace)
	if err != nil {
		return vfs.Info{}, err
	}
	made.lastModified, made.etag = answer.lastModified, answer.etag
	b.store.note(ctx, dst, made)
	return made.entry(to.Base()), nil
}

func (b *Backend) copyOntoItself(ctx context.Context, name, base string, o vfs.CopyOptions) (vfs.Info, error) {
	source, err := b.sourceOf(ctx, name, o.Version)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case o.NoReplace:
		return vfs.Info{}, vfs.NewError(vfs.KindExist, nil)
	}
	made, err := b.store.writeModTime(ctx, name, source, o.ModTime)
	if err != nil {
		return vfs.Info{}, err
	}
	made.md5 = source.md5
	b.store.note(ctx, name, made)
	return made.entry(base), nil
}

// sourceOf requests the properties of the file to copy. v, when it is not "", is the only
// version that may be copied.
func (b *Backend) sourceOf(ctx context.Context, name, v string) (blobInfo, error) {
	props, err := b.store.head(ctx, name)
	if err != nil {
		return blobInfo{}, err
	}
	source := props.info()
	switch {
	case source.isMarker():
		return blobInfo{}, vfs.NewError(vfs.KindIsDir, nil)
	case v != "" && v != version(source.etag):
		return blobInfo{}, vfs.NewError(vfs.KindConflict, nil)
	}
	return source, nil
}

// copyTries is how often a copy is tried when its target changes.
const copyTries = 10

// copyTo makes a copy after its target was looked up. A file there is replaced unless
// noReplace is true, also where a directory has the same name. A directory alone is not
// replaced. Afterwards c.over is the version that was replaced.
func (b *Backend) copyTo(ctx context.Context, c *blobCopy, at found, noReplace bool) (blobInfo, error) {
	var err error
	for range copyTries {
		switch {
		case at.err != nil:
			return blobInfo{}, at.err
		case at.isFile() && noReplace:
			return blobInfo{}, vfs.NewError(vfs.KindExist, nil)
		case at.isFile():
			c.over = version(at.blob.etag)
		case at.isDir():
			return blobInfo{}, vfs.NewError(vfs.KindIsDir, nil)
		default:
			c.over = ""
		}
		var made blobInfo
		made, err = b.store.copy(ctx, *c)
		switch {
		case err == nil:
			return made, nil
		case !errors.Is(err, errTarget) || noReplace:
			return made, b.dirs.explain(ctx, c.dst, err)
		}
		at = <-b.looking(ctx, c.dst)
	}
	return blobInfo{}, vfs.NewError(vfs.KindConflict, err)
}
