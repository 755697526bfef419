package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file by a copy within the service, or a directory by one copy
// for each blob.
//
// What is at both names is asked side by side: the copy needs the source's
// metadata, in which it keeps the time, and must not take the place of a
// directory. Copy and deletion are made on condition that both are still so. The
// copy replaces a file at the target at once for its readers. When the deletion
// is refused, the copy is taken back if it replaced nothing; else, and when it may
// still be carried out, source and copy are both there.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if from.IsRoot() {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	if to.IsRoot() {
		return b.renameToRoot(ctx, from)
	}
	src, err := blobName(from)
	if err != nil {
		return err
	}
	dst, err := blobName(to)
	if err != nil {
		return err
	}
	target := b.looking(ctx, dst)
	props, err := b.head(ctx, src)
	at := <-target
	source := props.info()
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil && o.Version == "":
		return b.renameDir(ctx, src, dst, nil, at)
	case err != nil:
		return err
	case source.isMarker() && o.Version == "":
		return b.renameDir(ctx, src, dst, &source, at)
	case o.WantDir:
		// A directory may be there beside the file.
		if err := b.renameDir(ctx, src, dst, nil, at); vfs.KindOf(err) != vfs.KindNotExist {
			return err
		}
		return vfs.NewError(vfs.KindNotDir, nil)
	case o.Version != "" && o.Version != version(source.etag):
		return vfs.NewError(vfs.KindConflict, nil)
	case src == dst && o.NoReplace:
		return vfs.NewError(vfs.KindExist, nil)
	case src == dst:
		return nil // a copy and a deletion would lose it
	}
	if err := b.mayGo(source); err != nil {
		return err
	}
	meta, err := b.moved(ctx, src, source)
	if err != nil {
		return err
	}
	return b.renameFile(ctx, blobCopy{src: src, from: source, dst: dst, meta: meta}, at, o.NoReplace)
}

// renameToRoot says why nothing can take the place of the root.
func (b *Backend) renameToRoot(ctx context.Context, from vfs.Path) error {
	info, err := b.Stat(ctx, from, vfs.TypeAny)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return vfs.NewError(vfs.KindExist, nil)
	}
	return vfs.NewError(vfs.KindIsDir, nil)
}

func (b *Backend) renameFile(ctx context.Context, c blobCopy, at looked, noReplace bool) error {
	made, err := b.copyTo(ctx, &c, at, noReplace)
	if err != nil {
		return err
	}
	counted, tries := counting(ctx)
	err = b.removeCounted(counted, c.src, version(c.from.etag), tries)
	if err == nil {
		return nil
	}
	if vfs.KindOf(err) == vfs.KindNotExist {
		// Somebody else took the source away after the copy.
		err = vfs.NewError(vfs.KindConflict, err)
	}
	if c.over != "" || tries.lost() {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	return join(err, b.remove(ctx, c.dst, version(made.etag)))
}

// mayGo refuses a source that cannot be deleted, as far as the service has told,
// before anything is copied.
func (b *Backend) mayGo(source blobInfo) error {
	switch {
	case source.leased:
		return &vfs.Error{Kind: vfs.KindLocked, Reason: reasonLeased}
	case source.held, source.retained != nil && source.retained.After(b.clock.now()):
		return &vfs.Error{Kind: vfs.KindLocked, Reason: reasonImmutable}
	}
	return nil
}

// moved is the metadata of the blob under its new name: what it has, the time that
// it had without a word in its metadata, and an identity by which the copy is
// known when its answer is lost.
func (b *Backend) moved(ctx context.Context, name string, info blobInfo) (metadata, error) {
	meta, err := b.spelled(ctx, name, info)
	if err != nil {
		return nil, err
	}
	meta.setTime(info.modTime())
	meta.set(metaUpload, newUploadID())
	return meta, nil
}
