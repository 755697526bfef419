package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/tidegate/tidegate/vfs"
)

var _ vfs.Confiner = (*Backend)(nil)

// Confine returns a Backend of the directory p. No link leads out of it. The directory need
// not exist: then it is empty, and the first new entry creates it. Closing b closes the
// returned Backend.
func (b *Backend) Confine(p vfs.Path) (vfs.Backend, error) {
	name, err := hostName(p)
	if err != nil {
		return nil, err
	}
	return &Backend{
		place: b.confined.at(name, b.place), escapes: b.escapes, o: b.o, changes: b.changes, staged: b.staged, confined: b.confined,
	}, nil
}

// isAbsentRoot reports whether err says that p, the root of a Confine, does not exist.
// Clients see it as an empty directory.
func (b *Backend) isAbsentRoot(p vfs.Path, err error) bool {
	return err != nil && p.IsRoot() && b.place.parent != nil && vfs.KindOf(err) == vfs.KindNotExist
}

// place is an open directory. It is opened again when its name leads to another one:
// because the directory was removed and created again, or another file system was mounted
// there.
type place struct {
	// name is a path of the host, or a path below parent.
	name   string
	parent *place

	mu   sync.Mutex // held while the directory is opened
	held atomic.Pointer[os.Root]
	// synced is the one of held whose entry is on the disk.
	synced atomic.Pointer[os.Root]
}

// root is the directory as the last refresh found it.
func (d *place) root() *os.Root { return d.held.Load() }

// refresh opens the directory with that name, unless it is open.
func (d *place) refresh() error {
	if d.parent != nil {
		if err := d.parent.refresh(); err != nil {
			return err
		}
	}
	if d.current() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current() {
		return nil
	}
	root, err := d.open()
	if d.parent == nil && errors.Is(err, fs.ErrNotExist) && d.root() != nil {
		return vfs.NewError(vfs.KindUnavailable, err)
	}
	if err != nil {
		return err
	}
	// Other operations may still use the old one. It is closed when the last reference is
	// gone.
	d.held.Store(root)
	return nil
}

// current reports whether the open directory is still the one with that name.
func (d *place) current() bool {
	held := d.root()
	if held == nil {
		return false
	}
	now, err := d.stat()
	if err != nil {
		return false
	}
	open, err := held.Stat(".")
	return err == nil && os.SameFile(open, now)
}

func (d *place) stat() (os.FileInfo, error) {
	if d.parent == nil {
		return os.Stat(d.name)
	}
	return d.parent.root().Stat(d.name)
}

func (d *place) open() (*os.Root, error) {
	if d.parent == nil {
		return os.OpenRoot(d.name)
	}
	return d.parent.root().OpenRoot(d.name)
}

// make creates the directory and its missing parents.
func (d *place) make(o Options) error {
	if err := d.parent.refresh(); err != nil {
		if d.parent.parent == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := errors.Join(d.parent.make(o), d.parent.refresh()); err != nil {
			return err
		}
	}
	root := d.parent.root()
	for i, c := range d.name + string(filepath.Separator) {
		if c != filepath.Separator {
			continue
		}
		if err := o.mkdir(root, d.name[:i]); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// syncEntry writes to the disk the entries of the directory and of those above it, up to the
// root of the store. It does so once for each time that the directory is opened: this or another
// operation may just have made it.
func (d *place) syncEntry() error {
	held := d.root()
	if d.parent == nil || d.synced.Load() == held {
		return nil
	}
	if err := syncUp(d.parent.root(), filepath.Dir(d.name), "."); err != nil && !cannotSync(err) {
		return err
	}
	if err := d.parent.syncEntry(); err != nil {
		return err
	}
	d.synced.Store(held)
	return nil
}

// cannotSync reports whether err says that a directory can never be synced: the process may enter
// it and not read it, or its file system, such as that of an automounter, has no such call.
func cannotSync(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported)
}

func (d *place) close() error {
	if held := d.root(); held != nil {
		return held.Close()
	}
	return nil
}

// confined has the places that Confine has opened, by their parents and names. Each is
// opened once, also for several mounts and users.
type confined struct {
	mu     sync.Mutex
	byName map[below]*place
}

// below is a place by its name in another one.
type below struct {
	parent *place
	name   string
}

// at returns the place of a name below parent.
func (c *confined) at(name string, parent *place) *place {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := below{parent, name}
	if c.byName[key] == nil {
		if c.byName == nil {
			c.byName = map[below]*place{}
		}
		c.byName[key] = &place{name: name, parent: parent}
	}
	return c.byName[key]
}

func (c *confined) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, d := range c.byName {
		errs = append(errs, d.close())
	}
	return errors.Join(errs...)
}
