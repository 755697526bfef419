package local

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Options configure a Backend.
type Options struct {
	// Fsync makes Commit, Mkdir, Remove and Rename wait until the change is on the disk.
	Fsync bool
	// FileMode and DirMode are the permission bits of new files and directories, regardless
	// of the umask; 0 means 0640 and 0750, less the umask.
	FileMode, DirMode fs.FileMode
	// Log gets a line about removed temporary files of a crash. It may be nil.
	Log *slog.Logger
}

// Backend is one directory. Lock order: writer.mu, changes, staged.mu. place.mu and
// confined.mu are never held together with another lock.
type Backend struct {
	place   *place
	escapes error // the error of os.Root for a path that leads out
	o       Options

	// changes makes a check and the change after it atomic. It is held for calls that
	// change names, never while content is copied. changes, staged and confined are shared
	// with the Backends of Confine.
	changes  *sync.Mutex
	staged   *staged
	confined *confined

	// The Backends of Confine do not use the following fields.
	stop    context.CancelFunc // ends the sweep
	sweeper sync.WaitGroup
}

var _ vfs.Backend = (*Backend)(nil)

// New opens the directory root, which must exist. The caller closes the
// Backend.
func New(root string, o Options) (*Backend, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	at := &place{name: root}
	if err := at.refresh(); err != nil {
		return nil, err
	}
	// Package os does not export its error for a path that leads out. An Lstat of such a
	// path returns it.
	_, err := at.root().Lstat("..")
	escapes := errors.Unwrap(err)
	if escapes == nil {
		return nil, errors.Join(errors.New("os.Root lets a path lead out"), at.close())
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Backend{place: at, escapes: escapes, o: o, changes: &sync.Mutex{}, staged: &staged{}, confined: &confined{}, stop: stop}
	b.sweeper.Go(func() { b.sweep(ctx) })
	return b, nil
}

// Close ends the search for temporary files and closes the directory, and those that
// Confine has opened.
func (b *Backend) Close() error {
	if b.stop == nil {
		return nil // the outer Backend closes it
	}
	b.stop()
	b.sweeper.Wait()
	return errors.Join(b.confined.close(), b.place.close())
}

// Caps declares the capabilities of the usual file systems of this platform.
func (b *Backend) Caps() vfs.Caps {
	return vfs.Caps{
		Append:          true,
		Copy:            true,
		ExclusiveCreate: true,
		AtomicReplace:   true,
		SetModTime:      true,
		DirTimes:        true,
		RenameDir:       true,
		AtomicRenameDir: true,
		KeepsParents:    true,
		Versions:        hasVersions,
		TimePrecision:   100 * time.Nanosecond,
	}
}

// begin starts every operation: it checks the context, translates the path, and makes sure
// that the open directory is the present one.
func (b *Backend) begin(ctx context.Context, p vfs.Path) (string, error) {
	if err := canceled(ctx); err != nil {
		return "", err
	}
	name, err := hostName(p)
	if err != nil {
		return "", err
	}
	return name, b.fail(b.place.refresh())
}

// beginMaking is begin for an operation that creates an entry. It creates a missing
// directory of Confine.
func (b *Backend) beginMaking(ctx context.Context, p vfs.Path) (string, error) {
	name, err := b.begin(ctx, p)
	if err == nil || vfs.KindOf(err) != vfs.KindNotExist || b.place.parent == nil {
		return name, err
	}
	if err := b.place.make(b.o); err != nil {
		return "", b.fail(err)
	}
	return b.begin(ctx, p)
}

func (b *Backend) root() *os.Root { return b.place.root() }

// stat describes the entry called name, or the target of a link of that name.
func (b *Backend) stat(name string) (os.FileInfo, error) {
	fi, err := b.root().Stat(name)
	switch {
	case err != nil:
		return nil, b.fail(err)
	case !isEntry(fi):
		return nil, vfs.NewError(vfs.KindNotExist, errNoEntry)
	}
	return fi, nil
}

// statFile is stat for a file.
func (b *Backend) statFile(name string) (os.FileInfo, error) {
	fi, err := b.stat(name)
	if err == nil && fi.IsDir() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	return fi, err
}

// isLink reports whether name itself is a symbolic link.
func (b *Backend) isLink(name string) bool {
	fi, err := b.root().Lstat(name)
	return err == nil && fi.Mode()&os.ModeSymlink != 0
}

// openDir opens a directory, so that its entries can be reached even if its path changes.
// It checks the type first, because opening a pipe would block.
func (b *Backend) openDir(name string) (*os.Root, error) {
	fi, err := b.stat(name)
	if err != nil {
		return nil, err
	}
	if !fi.IsDir() {
		return nil, vfs.NewError(vfs.KindNotDir, nil)
	}
	dir, err := b.root().OpenRoot(name)
	return dir, b.fail(err)
}

// syncDirs writes to the disk the entries of the directories from top down to dir, which
// lies in top, and that of the directory of a Confine.
func (b *Backend) syncDirs(top, dir string) error {
	if !b.o.Fsync || !canSyncDirs {
		return nil
	}
	err := syncUp(b.root(), dir, top)
	if err == nil {
		err = b.place.syncEntry()
	}
	if err != nil {
		// The change is visible; whether a crash would undo it is unknown.
		return vfs.NewError(vfs.KindUnavailable, err)
	}
	return nil
}

// syncUp writes to the disk the entries of dir and of the directories above it, up to top.
func syncUp(root *os.Root, dir, top string) error {
	for {
		f, err := root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil || dir == top || dir == "." {
			return err
		}
		dir = filepath.Dir(dir)
	}
}

// isEntry reports whether clients may see the entry.
func isEntry(fi os.FileInfo) bool { return fi.Mode().IsRegular() || fi.IsDir() }

// describe returns fi as the entry called name.
func describe(fi os.FileInfo, name string) vfs.Info {
	if fi.IsDir() {
		return vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: fi.ModTime()}
	}
	return vfs.Info{Name: name, Type: vfs.TypeFile, Size: fi.Size(), ModTime: fi.ModTime(), Version: version(fi)}
}
