package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file by a copy within the service, or a directory by one copy
// for each blob. With a hierarchical namespace it moves both with one request.
//
// Source and target are looked up at the same time: the copy needs the metadata of the
// source, in which it keeps the time, and must not replace a directory. Copy and deletion
// are made on condition that both have not changed since. Readers of a file at the target
// see the copy at once. When the deletion is refused, the copy is deleted if it has
// replaced nothing. Otherwise, and when the deletion may still be carried out, source and
// copy both exist.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if from.IsRoot() {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	if to.IsRoot() {
		return b.renameToRoot(ctx, from)
	}
	src, err := blobName(b.dirs, from)
	if err != nil {
		return err
	}
	dst, err := blobName(b.dirs, to)
	if err != nil {
		return err
	}
	b.store.noteDir(ctx, dst, "") // unless it is a file
	target := b.looking(ctx, dst)
	props, err := b.store.head(ctx, src)
	at := <-target
	source := props.info()
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil && o.Version == "":
		return b.dirs.rename(ctx, src, dst, nil, at)
	case err != nil:
		return err
	case source.isMarker() && o.Version == "":
		return b.dirs.rename(ctx, src, dst, &source, at)
	case o.WantDir:
		// A directory may have the same name as the file.
		if err := b.dirs.rename(ctx, src, dst, nil, at); vfs.KindOf(err) != vfs.KindNotExist {
			return err
		}
		return vfs.NewError(vfs.KindNotDir, nil)
	case o.Version != "" && o.Version != version(source.etag):
		return vfs.NewError(vfs.KindConflict, nil)
	case src == dst && o.NoReplace:
		return vfs.NewError(vfs.KindExist, nil)
	case src == dst:
		b.store.note(ctx, dst, source)
		return nil // a copy and a deletion would lose it
	case b.dirs.movesFiles():
		return b.dirs.moveFile(ctx, src, dst, source, at, o.NoReplace)
	}
	if err := b.store.checkDeletable(source); err != nil {
		return err
	}
	meta, err := b.store.moved(ctx, src, source)
	if err != nil {
		return err
	}
	return b.renameFile(ctx, blobCopy{src: src, from: source, dst: dst, meta: meta}, at, o.NoReplace)
}

// renameToRoot returns the error of a rename onto the root.
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

func (b *Backend) renameFile(ctx context.Context, c blobCopy, at found, noReplace bool) error {
	made, err := b.copyTo(ctx, &c, at, noReplace)
	if err != nil {
		return err
	}
	counted, tries := counting(ctx)
	err = b.store.removeCounted(counted, c.src, version(c.from.etag), tries)
	if err == nil {
		kept := c.from
		kept.etag, kept.meta = made.etag, c.meta
		b.store.note(ctx, c.dst, kept)
		return nil
	}
	if vfs.KindOf(err) == vfs.KindNotExist {
		// Another client has removed the source after the copy.
		err = vfs.NewError(vfs.KindConflict, err)
	}
	if c.over != "" || tries.lost() {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	return join(err, b.store.remove(ctx, c.dst, version(made.etag)))
}
