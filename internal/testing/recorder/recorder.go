package recorder

import (
	"context"
	"iter"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Op names a method of vfs.Backend that takes a path.
type Op string

// The methods. Opened readers and writers have no other paths than these.
const (
	Stat       Op = "Stat"
	List       Op = "List"
	Open       Op = "Open"
	Create     Op = "Create"
	Mkdir      Op = "Mkdir"
	Remove     Op = "Remove"
	Rename     Op = "Rename"
	Copy       Op = "Copy"
	SetModTime Op = "SetModTime"
)

// Call is one call of a method.
type Call struct {
	Op   Op
	Path vfs.Path
	// To is the target of Rename and Copy.
	To vfs.Path
	// Type is what Remove shall remove, and what Stat wants.
	Type vfs.Type
}

// Paths returns all paths of the call.
func (c Call) Paths() []vfs.Path {
	if c.Op == Rename || c.Op == Copy {
		return []vfs.Path{c.Path, c.To}
	}
	return []vfs.Path{c.Path}
}

// Changed returns the paths whose entries the call would create, change or remove.
func (c Call) Changed() []vfs.Path {
	switch c.Op {
	case Create, Mkdir, Remove, Rename, SetModTime:
		return c.Paths()
	case Copy:
		return []vfs.Path{c.To}
	}
	return nil
}

// Named returns the path that the call gives to an entry, if it gives one.
func (c Call) Named() (p vfs.Path, ok bool) {
	switch c.Op {
	case Create, Mkdir:
		return c.Path, true
	case Rename, Copy:
		return c.To, true
	}
	return vfs.Path{}, false
}

// Backend passes every call on after it has shown it.
type Backend struct {
	vfs.Backend
	show func(Call)
}

// New returns a Backend over b. show is called before each call, by several goroutines at
// once.
func New(b vfs.Backend, show func(Call)) *Backend { return &Backend{b, show} }

// Stat implements vfs.Backend.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	b.show(Call{Op: Stat, Path: p, Type: want})
	return b.Backend.Stat(ctx, p, want)
}

// List implements vfs.Backend.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	b.show(Call{Op: List, Path: p})
	return b.Backend.List(ctx, p)
}

// Open implements vfs.Backend.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	b.show(Call{Op: Open, Path: p})
	return b.Backend.Open(ctx, p, o)
}

// Create implements vfs.Backend.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	b.show(Call{Op: Create, Path: p})
	return b.Backend.Create(ctx, p, o)
}

// Mkdir implements vfs.Backend.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	b.show(Call{Op: Mkdir, Path: p})
	return b.Backend.Mkdir(ctx, p)
}

// Remove implements vfs.Backend.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	b.show(Call{Op: Remove, Path: p, Type: want})
	return b.Backend.Remove(ctx, p, want)
}

// Rename implements vfs.Backend.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	b.show(Call{Op: Rename, Path: from, To: to})
	return b.Backend.Rename(ctx, from, to, o)
}

// Copy implements vfs.Backend.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	b.show(Call{Op: Copy, Path: from, To: to})
	return b.Backend.Copy(ctx, from, to, o)
}

// SetModTime implements vfs.Backend.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	b.show(Call{Op: SetModTime, Path: p})
	return b.Backend.SetModTime(ctx, p, t)
}
