package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Remove removes the file or the empty directory at p. Snapshots of a file are
// never removed with it: such a file is KindLocked.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindPermission, nil)
	}
	name, err := blobName(b.dirs, p)
	if err != nil {
		return err
	}
	if want == vfs.TypeDir {
		b.store.noteDir(ctx, name, "")
		return b.dirs.remove(ctx, name)
	}
	return b.removeFile(ctx, name)
}

// removeTries is how often a file is looked up again because it has changed before its
// deletion.
const removeTries = 5

// removeFile deletes the blob. It looks it up first, since it may be the marker of a
// directory, which no condition of a deletion can distinguish from a file, and deletes the
// version that it has seen.
func (b *Backend) removeFile(ctx context.Context, name string) error {
	var changed error
	for range removeTries {
		props, err := b.store.head(ctx, name)
		switch {
		case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
			return b.removeNoFile(ctx, name, err)
		case err != nil:
			return err
		case props.info().isMarker():
			return vfs.NewError(vfs.KindIsDir, nil)
		}
		b.store.note(ctx, name, props.info())
		changed = b.store.remove(ctx, name, version(props.ETag))
		if vfs.KindOf(changed) != vfs.KindConflict || changed == nil {
			return changed
		}
	}
	return changed
}

// removeNoFile returns the error for a name that no blob has.
func (b *Backend) removeNoFile(ctx context.Context, name string, cause error) error {
	below, err := b.dirs.below(ctx, name)
	switch {
	case err != nil:
		return err
	case below.isDir():
		return vfs.NewError(vfs.KindIsDir, cause)
	}
	return cause
}
