package vfs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Permission is a set of rights.
type Permission uint16

// The rights that a user can have. Going to a directory needs none.
const (
	// PermList allows listing directories and asking about files.
	PermList Permission = 1 << iota
	// PermRead allows reading and, with PermWrite, copying files, and asking
	// about them.
	PermRead
	// PermWrite allows creating files. Without PermOverwrite it makes a drop box:
	// what is there cannot be changed.
	PermWrite
	// PermOverwrite allows, with PermWrite, to replace, append to and resume
	// files that are there and to set their times, and with PermRename to replace
	// the target.
	PermOverwrite
	// PermDelete allows removing files and empty directories.
	PermDelete
	// PermRename allows renaming files and directories.
	PermRename
	// PermMkdir allows making directories.
	PermMkdir

	// PermAll is every right.
	PermAll = PermList | PermRead | PermWrite | PermOverwrite | PermDelete | PermRename | PermMkdir
)

// Mount puts a part of a backend into a tree.
type Mount struct {
	// At is where the mount stands in the user's tree.
	At Path
	// Backend holds the files, below Root.
	Backend Backend
	Root    Path
	// ReadOnly refuses everything that would change the backend.
	ReadOnly bool
	// ContentType returns the content type for a new file called name, ""
	// for none. Nil means none.
	ContentType func(name string) string
	// CacheControl is given to every new file.
	CacheControl string
	// RequireParents refuses what would make a directory on the way to what is
	// made: KindNotExist. Without it that is so for users who lack PermMkdir.
	RequireParents bool
}

// ViewOptions describe one user's tree.
type ViewOptions struct {
	// Mounts are the only places that can be reached; at least one, no two
	// at the same path. A mount hides what an outer one holds at its place.
	Mounts []Mount
	// Home is where the user begins; it always exists, as mount points do.
	Home Path
	// Allow holds the user's rights on all mounts.
	Allow Permission
}

// View is one user's tree of mounts, the only thing that frontends work with.
// It is immutable and may be used by many sessions at once.
//
// Its methods check the user's rights, find the mount, pass the call to the
// backend with the backend's own path, put operation and path into errors, and
// tell the Observer about every finished operation. Contracts not repeated here
// are those of Backend.
type View struct {
	o       ViewOptions
	since   time.Time
	observe Observer
}

// Event tells about one finished operation of a View.
type Event struct {
	// Op is "stat", "list", "read", "write", "copy", "mkdir", "remove",
	// "rename" or "settime".
	Op   string
	Path Path
	// To is the target of a copy or a rename.
	To Path
	// Bytes counts what was read, written or copied, Entries what was listed.
	Bytes   int64
	Entries int64
	// Duration runs from the call until its end; for files until they were
	// closed, committed or aborted.
	Duration time.Duration
	// Err is nil when the operation did all of what was asked. A reader that
	// is closed early is no error; an aborted writer is KindCanceled.
	Err error
}

// Observer takes note of an event. It is called on the goroutine of the
// operation and must not block.
type Observer func(context.Context, Event)

// NewView checks the options and returns the View.
func NewView(o ViewOptions) (*View, error) {
	if len(o.Mounts) == 0 {
		return nil, errors.New("vfs: a view needs at least one mount")
	}
	seen := make(map[Path]bool, len(o.Mounts))
	for _, m := range o.Mounts {
		if m.Backend == nil {
			return nil, fmt.Errorf("vfs: mount %s has no backend", m.At)
		}
		if seen[m.At.Place()] {
			return nil, fmt.Errorf("vfs: two mounts at %s", m.At)
		}
		seen[m.At.Place()] = true
	}
	o.Home = o.Home.Place()
	o.Mounts = slices.Clone(o.Mounts)
	for i := range o.Mounts {
		o.Mounts[i].At, o.Mounts[i].Root = o.Mounts[i].At.Place(), o.Mounts[i].Root.Place()
	}
	return &View{o: o, since: time.Now().Truncate(time.Second), observe: func(context.Context, Event) {}}, nil
}

// Observed returns a View of the same tree that tells o about each operation.
func (v *View) Observed(o Observer) *View {
	c := *v
	c.observe = o
	return &c
}

// Home returns the directory that a session starts in.
func (v *View) Home() Path { return v.o.Home }

// Caps returns the facts about the store that p lies on, none where there is
// no store.
func (v *View) Caps(p Path) Caps {
	if m, _, ok := v.mount(p); ok {
		return m.Backend.Caps()
	}
	return Caps{}
}

// mount returns the innermost mount that p lies on, and p in the backend's
// terms.
func (v *View) mount(p Path) (*Mount, Path, bool) {
	var best *Mount
	var inner Path
	for i := range v.o.Mounts {
		m := &v.o.Mounts[i]
		rest, ok := p.Cut(m.At)
		if ok && (best == nil || m.At.Depth() > best.At.Depth()) {
			best, inner = m, m.Root.Join(rest)
		}
	}
	return best, inner, best != nil
}

// Fixed reports whether p is a directory whatever the stores hold: the root, a
// mount point, the home, and everything above them. Such a directory cannot be
// made, removed or renamed.
func (v *View) Fixed(p Path) bool {
	if _, ok := v.o.Home.Cut(p); ok {
		return true
	}
	for i := range v.o.Mounts {
		if _, ok := v.o.Mounts[i].At.Cut(p); ok {
			return true
		}
	}
	return false
}

// fixedChildren returns the names of the fixed directories right below p. Those
// that hold a mount hide what the outer store has at their place.
func (v *View) fixedChildren(p Path) map[string]bool {
	var names map[string]bool
	add := func(below Path, hides bool) {
		rest, ok := below.Cut(p)
		if !ok || rest.IsRoot() {
			return
		}
		for !rest.Dir().IsRoot() {
			rest = rest.Dir()
		}
		if names == nil {
			names = map[string]bool{}
		}
		names[rest.Base()] = names[rest.Base()] || hides
	}
	add(v.o.Home, false)
	for i := range v.o.Mounts {
		add(v.o.Mounts[i].At, true)
	}
	return names
}

// Allowed returns the user's rights at p: a read-only mount takes away those that
// change something. It does not look at what is there.
func (v *View) Allowed(p Path) Permission {
	const reading = PermList | PermRead
	m, _, ok := v.mount(p)
	switch {
	case !ok:
		return v.o.Allow & PermList
	case m.ReadOnly:
		return v.o.Allow & reading
	}
	return v.o.Allow
}

func (v *View) may(want Permission) bool { return v.o.Allow&want == want }

// lacks is the refusal of what needs the rights in want. The log says which of them
// the user lacks, as the configuration has them in allow.
func (v *View) lacks(want Permission) error {
	var missing []string
	for i, name := range []string{"list", "read", "write", "overwrite", "delete", "rename", "mkdir"} {
		if right := Permission(1) << i; want&right != 0 && !v.may(right) {
			missing = append(missing, name)
		}
	}
	return NewError(KindPermission, fmt.Errorf("user lacks the right %s (allow)", strings.Join(missing, ", ")))
}

// writable returns the mount of p for an operation that changes it.
func (v *View) writable(p Path, want Permission) (*Mount, Path, error) {
	m, inner, ok := v.mount(p)
	switch {
	case !ok:
		return nil, Path{}, NewError(KindPermission, errors.New("outside of all mounts"))
	case m.ReadOnly:
		return nil, Path{}, NewError(KindPermission, fmt.Errorf("the mount at %s is read-only (access)", m.At))
	case !v.may(want):
		return nil, Path{}, v.lacks(want)
	}
	return m, inner, nil
}

// MakesParents reports whether what is made at p brings the directories on its way
// with it. Otherwise they must be there, which is asked with each new name.
func (v *View) MakesParents(p Path) bool {
	m, _, ok := v.mount(p)
	return ok && !m.RequireParents && v.may(PermMkdir)
}

// wantParent looks for the directory of p, which lies on m, where it must be there.
func (v *View) wantParent(ctx context.Context, m *Mount, p Path) error {
	dir := p.Dir()
	if v.MakesParents(p) || v.Fixed(dir) {
		return nil
	}
	// No mount stands between p and its directory, which is not a fixed one.
	rest, _ := dir.Cut(m.At)
	_, err := m.Backend.Stat(ctx, m.Root.Join(rest), TypeDir)
	if k := KindOf(err); err != nil && (k == KindNotExist || k == KindNotDir) {
		return &Error{Kind: KindNotExist, Reason: "no such directory", Err: err}
	}
	return err
}

// fail puts operation and path into err. The first View wins, and an end of
// file stays what it is.
func fail(op string, p Path, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Path: p, Kind: KindOf(err)}
	if inner, ok := err.(*Error); ok { //nolint:errorlint // only the outermost one can be replaced without loss
		e.Reason, e.Err, e.Found = inner.Reason, inner.Err, inner.Found
		return e
	}
	if inner, ok := errors.AsType[*Error](err); ok {
		e.Reason, e.Found = inner.Reason, inner.Found
	}
	e.Err = err
	return e
}

// done finishes an operation: it tells the observer and returns the error as
// the frontend gets it.
func (v *View) done(ctx context.Context, e Event, start time.Time) error {
	e.Err = fail(e.Op, e.Path, e.Err)
	e.Duration = time.Since(start)
	v.observe(ctx, e)
	return e.Err
}
