package azblob

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file by a copy within the service, or a directory by one copy
// for each blob.
//
// A file whose version the caller knows takes two requests: the copy and the
// deletion, both on condition that the source is still that version. Otherwise
// a HEAD comes first. The copy replaces the target at once for its readers.
// When the deletion fails, source and copy are both there; with NoReplace the
// copy is taken back.
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
	if o.Version != "" && src != dst {
		return b.renameFile(ctx, src, dst, o.Version, o.NoReplace)
	}
	props, err := b.head(ctx, src)
	switch {
	case err == nil && o.WantDir && !props.info().isMarker():
		// A directory may be there beside the file.
		if err := b.renameDir(ctx, src, dst, ""); vfs.KindOf(err) != vfs.KindNotExist {
			return err
		}
		return vfs.NewError(vfs.KindNotDir, nil)
	case err == nil && !props.info().isMarker():
		return b.renameKnown(ctx, src, dst, version(props.ETag), o)
	case err == nil:
		return b.renameDir(ctx, src, dst, version(props.ETag))
	case vfs.KindOf(err) == vfs.KindNotExist && o.Version == "":
		return b.renameDir(ctx, src, dst, "")
	}
	return err
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

// renameKnown renames a file after a HEAD told its version.
func (b *Backend) renameKnown(ctx context.Context, src, dst, v string, o vfs.RenameOptions) error {
	switch {
	case o.Version != "" && o.Version != v:
		return vfs.NewError(vfs.KindConflict, nil)
	case src != dst:
		return b.renameFile(ctx, src, dst, v, o.NoReplace)
	case o.NoReplace:
		return vfs.NewError(vfs.KindExist, nil)
	}
	return nil // to its own name: a copy and a deletion would lose it
}

func (b *Backend) renameFile(ctx context.Context, src, dst, v string, noReplace bool) error {
	made, err := b.copy(ctx, blobCopy{src: src, version: v, dst: dst, absent: noReplace})
	if err != nil {
		return err
	}
	err = b.remove(ctx, src, v)
	if err == nil {
		return nil
	}
	if vfs.KindOf(err) == vfs.KindNotExist {
		// Somebody else took the source away after the copy.
		err = vfs.NewError(vfs.KindConflict, err)
	}
	if !noReplace {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	return errors.Join(err, b.remove(ctx, dst, version(made.etag)))
}
