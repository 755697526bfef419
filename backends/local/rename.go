package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file or a directory.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	oldName, err := b.begin(ctx, from)
	if err != nil {
		return err
	}
	newName, err := b.begin(ctx, to)
	if err != nil {
		return err
	}
	top, err := b.rename(ctx, from, to, oldName, newName, o)
	if err != nil {
		return err
	}
	if err := b.syncDirs(top, filepath.Dir(newName)); err != nil {
		return err
	}
	return b.syncDirs(filepath.Dir(oldName), filepath.Dir(oldName))
}

// rename moves the entry and returns the outermost directory on the path to the new name
// that has changed.
func (b *Backend) rename(ctx context.Context, from, to vfs.Path, oldName, newName string, o vfs.RenameOptions) (top string, err error) {
	b.changes.Lock()
	defer b.changes.Unlock()
	fi, err := b.stat(oldName)
	if err != nil {
		return "", err
	}
	if o.WantDir && !fi.IsDir() {
		return "", vfs.NewError(vfs.KindNotDir, nil)
	}
	if o.Version != "" && (fi.IsDir() || o.Version != version(fi)) {
		return "", vfs.NewError(vfs.KindConflict, nil)
	}
	if _, below := to.Cut(from); below && fi.IsDir() && from != to {
		return "", vfs.NewError(vfs.KindInvalid, nil)
	}
	if b.isLink(oldName) {
		return "", &vfs.Error{Kind: vfs.KindUnsupported, Reason: "a link cannot be renamed"}
	}
	noReplace := fi.IsDir() || o.NoReplace
	if err := b.mayReplace(newName, noReplace); err != nil {
		return "", err
	}
	top, made, err := b.makeParents(newName)
	if err != nil {
		return "", err
	}
	if noReplace && !fi.IsDir() {
		err = b.moveExclusive(oldName, newName)
	} else {
		err = b.fail(b.root().Rename(oldName, newName))
	}
	if err != nil {
		b.unmake(made)
	}
	vfs.NoteReceipt(ctx, vfs.ReceiptOf(describe(fi, "")))
	return top, err
}

// mayReplace returns the error that forbids to put a file at name, or nil. b.changes must
// be held.
func (b *Backend) mayReplace(name string, noReplace bool) error {
	link, err := b.root().Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return b.fail(err)
	case noReplace:
		return vfs.NewError(vfs.KindExist, nil)
	case link.IsDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	case link.Mode()&os.ModeSymlink != 0:
		if fi, err := b.root().Stat(name); err == nil && fi.IsDir() {
			return vfs.NewError(vfs.KindIsDir, nil)
		}
	}
	return nil
}

// makeParents is makeDirs for the parents of name. It also returns the innermost directory
// that existed before.
func (b *Backend) makeParents(name string) (top string, made []string, err error) {
	top = filepath.Dir(name)
	made, err = b.makeDirs(top)
	if len(made) > 0 {
		top = filepath.Dir(made[0])
	}
	return top, made, err
}

// moveExclusive moves a file to a name that must be free. It creates a hard link, which the
// host refuses when the name exists, and removes the old name. Between the two steps the
// file has both names, so a crash loses nothing. On a file system without hard links only
// the check of mayReplace protects. b.changes must be held.
func (b *Backend) moveExclusive(from, to string) error {
	err := b.root().Link(from, to)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist), !noLinks(err):
		return b.fail(err)
	default:
		return b.fail(b.root().Rename(from, to))
	}
	if err := b.root().Remove(from); err != nil {
		return errors.Join(b.fail(err), b.root().Remove(to))
	}
	return nil
}
