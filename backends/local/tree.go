package local

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Stat returns the entry at p, or the target of a link at p.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	name, err := b.begin(ctx, p)
	if b.isAbsentRoot(p, err) && want != vfs.TypeFile {
		return vfs.Info{Type: vfs.TypeDir}, nil
	}
	if err != nil {
		return vfs.Info{}, err
	}
	fi, err := b.stat(name)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case want == vfs.TypeFile && fi.IsDir():
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	case want == vfs.TypeDir && !fi.IsDir():
		return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
	}
	return describe(fi, p.Base()), nil
}

// SetModTime sets the modification time of a file or a directory, and not its access time.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	name, err := b.begin(ctx, p)
	if err != nil {
		return err
	}
	if p.IsRoot() {
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	if _, err := b.stat(name); err != nil {
		return err
	}
	if !vfs.FitsNanoseconds(t) {
		return vfs.NewError(vfs.KindInvalid, errors.New("the time is out of the system's range"))
	}
	return b.fail(b.root().Chtimes(name, time.Time{}, t))
}

// Mkdir makes the directory p and its parents.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	name, err := b.beginMaking(ctx, p)
	if err != nil {
		return err
	}
	top, err := b.mkdir(name)
	if err != nil {
		return err
	}
	return b.syncDirs(top, filepath.Dir(name))
}

// mkdir makes the directory name, which must not exist, and returns the innermost directory
// that existed before.
func (b *Backend) mkdir(name string) (top string, err error) {
	b.changes.Lock()
	defer b.changes.Unlock()
	if _, err := b.root().Lstat(name); err == nil {
		return "", vfs.NewError(vfs.KindExist, nil)
	}
	made, err := b.makeDirs(name)
	switch {
	case err != nil:
		return "", err
	case len(made) == 0 || made[len(made)-1] != name:
		// Another program has made it meanwhile.
		return "", vfs.NewError(vfs.KindExist, nil)
	}
	return filepath.Dir(made[0]), nil
}

// makeDirs makes the directory name as needed and returns the directories that it made,
// outer ones first, for unmake. When it fails it removes them. b.changes must be held.
func (b *Backend) makeDirs(name string) (made []string, err error) {
	var missing []string
	for dir := name; ; dir = filepath.Dir(dir) {
		fi, err := b.root().Stat(dir)
		if err == nil && !fi.IsDir() {
			return nil, vfs.NewError(vfs.KindNotExist, errors.New("a parent is a file"))
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == "." {
			return nil, b.fail(err)
		}
		missing = append(missing, dir)
	}
	for _, dir := range slices.Backward(missing) {
		switch err := b.o.mkdir(b.root(), dir); {
		case err == nil:
			made = append(made, dir)
		case !errors.Is(err, fs.ErrExist):
			b.unmake(made)
			return nil, b.fail(err)
		}
	}
	return made, nil
}

// unmake removes the directories that makeDirs made. Those with entries stay.
func (b *Backend) unmake(made []string) {
	for _, dir := range slices.Backward(made) {
		_ = b.root().Remove(dir)
	}
}

// Remove removes a file, a link or an empty directory. The root is refused
// with KindPermission.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	name, err := b.begin(ctx, p)
	if b.isAbsentRoot(p, err) {
		return vfs.NewError(vfs.KindPermission, nil)
	}
	if err != nil {
		return err
	}
	if err := b.remove(ctx, name, want); err != nil {
		return err
	}
	dir := filepath.Dir(name)
	return b.syncDirs(dir, dir)
}

func (b *Backend) remove(ctx context.Context, name string, want vfs.Type) error {
	b.changes.Lock()
	defer b.changes.Unlock()
	fi, err := b.stat(name)
	switch {
	case err != nil:
		return err
	case want == vfs.TypeFile && fi.IsDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	case want == vfs.TypeDir && !fi.IsDir():
		return vfs.NewError(vfs.KindNotDir, nil)
	case name == ".":
		return vfs.NewError(vfs.KindPermission, nil)
	case fi.IsDir() && b.isLink(name):
		// The host would remove the link even if its target is not empty.
		if err := b.wantEmpty(name); err != nil {
			return err
		}
	}
	vfs.NoteReceipt(ctx, vfs.ReceiptOf(describe(fi, "")))
	err = b.fail(b.root().Remove(name))
	if err != nil && vfs.KindOf(err) == vfs.KindNotEmpty {
		// Either this call or the walk of New may remove the temporary files in it.
		b.sweepDir(name)
		err = b.fail(b.root().Remove(name))
	}
	return err
}

// wantEmpty returns KindNotEmpty for a directory with entries.
func (b *Backend) wantEmpty(name string) error {
	f, err := b.root().Open(name)
	if err != nil {
		return b.fail(err)
	}
	defer func() { _ = f.Close() }()
	if names, _ := f.Readdirnames(1); len(names) > 0 {
		return vfs.NewError(vfs.KindNotEmpty, nil)
	}
	return nil
}
