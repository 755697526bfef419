package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/tidegate/tidegate/vfs"
)

var _ vfs.Confiner = (*Backend)(nil)

// Confine returns the Backend of the directory p, out of which no link leads. The
// directory need not be there: nothing is in it then, and the first new entry
// makes it. What is returned is closed with b.
func (b *Backend) Confine(p vfs.Path) (vfs.Backend, error) {
	name, err := hostName(p)
	if err != nil {
		return nil, err
	}
	c := &Backend{place: &place{name: name, parent: b.place}, escapes: b.escapes, o: b.o, changes: b.changes, staged: b.staged}
	b.confined.add(c.place)
	return c, nil
}

// isAbsentRoot reports whether err says that the root of a Confine, which is p, is
// not there: it is a directory all the same, without entries.
func (b *Backend) isAbsentRoot(p vfs.Path, err error) bool {
	return err != nil && p.IsRoot() && b.place.parent != nil && vfs.KindOf(err) == vfs.KindNotExist
}

// place is a directory that is held open. It is opened again when another one has
// its name: somebody removed it and made it anew, or mounted something there.
type place struct {
	// name is the host's, or is below parent.
	name   string
	parent *place

	mu   sync.Mutex // is held to open it
	held atomic.Pointer[os.Root]
}

// root is the directory as the last refresh found it.
func (d *place) root() *os.Root { return d.held.Load() }

// refresh opens the directory, unless the one that has its name is open.
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
	// Others may still use the old one: it closes itself when nobody does.
	d.held.Store(root)
	return nil
}

// current reports whether the directory that is open is the one of that name.
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

// make makes the directory and those above it, as far as they are missing.
func (d *place) make(o Options) error {
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

func (d *place) close() error {
	if held := d.root(); held != nil {
		return held.Close()
	}
	return nil
}

// confined are the places below a Backend's own.
type confined struct {
	mu  sync.Mutex
	all []*place
}

func (c *confined) add(d *place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, d)
}

func (c *confined) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, d := range c.all {
		errs = append(errs, d.close())
	}
	return errors.Join(errs...)
}
