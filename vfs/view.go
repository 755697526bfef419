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

// The rights that a user can have. Changing to a directory needs none.
const (
	// PermList allows listing directories and Stat of files.
	PermList Permission = 1 << iota
	// PermRead allows reading files, Stat of files and, with PermWrite, copying files.
	PermRead
	// PermWrite allows creating files. Without PermOverwrite the tree is a drop box:
	// existing files cannot be changed.
	PermWrite
	// PermOverwrite, with PermWrite, allows replacing, appending to and resuming existing
	// files and setting their times; with PermRename it allows replacing the target.
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

// Mount makes a directory of a backend appear in a tree.
type Mount struct {
	// At is the place of the mount in the user's tree.
	At Path
	// Backend holds the files, below Root.
	Backend Backend
	Root    Path
	// ReadOnly refuses every operation that would change the backend.
	ReadOnly bool
	// ContentType returns the content type for a new file called name, ""
	// for none. Nil means none.
	ContentType func(name string) string
	// CacheControl is given to every new file.
	CacheControl string
	// RequireParents refuses to create an entry in a directory that does not exist:
	// KindNotExist. Without RequireParents this holds only for users without PermMkdir.
	RequireParents bool
}

// ViewOptions describe one user's tree.
type ViewOptions struct {
	// Mounts are the only places that can be reached. There is at least one, and no two at
	// the same path. A mount hides what an outer mount holds at its place.
	Mounts []Mount
	// Home is the first directory of a session. It always exists, as mount points do.
	Home Path
	// Allow holds the user's rights on all mounts.
	Allow Permission
}

// View is one user's tree of mounts. Frontends work only with Views. A View is immutable
// and may be used by many sessions at once.
//
// Its methods check the user's rights, find the mount, pass the call to the
// backend with the backend's own path, put operation and path into errors, and report every
// finished operation to the Observer. Contracts not repeated here are those of Backend.
type View struct {
	o       ViewOptions
	since   time.Time
	observe Observer
}

// Event describes one finished operation of a View.
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
	// Duration is the time from the call to its end; for files to the end of their Close,
	// Commit or Abort.
	Duration time.Duration
	// Err is nil when the operation succeeded as a whole. Closing a reader early is no
	// error; an aborted writer is KindCanceled.
	Err error
}

// Observer receives an event. It is called on the goroutine of the operation and must not
// block.
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

// Observed returns a View of the same tree that reports each operation to o.
func (v *View) Observed(o Observer) *View {
	c := *v
	c.observe = o
	return &c
}

// Home returns the directory that a session starts in.
func (v *View) Home() Path { return v.o.Home }

// Caps returns the facts about the store that p lies on, and the zero value where there is
// no store.
func (v *View) Caps(p Path) Caps {
	if m, _, ok := v.mount(p); ok {
		return m.Backend.Caps()
	}
	return Caps{}
}

// mount returns the innermost mount that p lies on, and the backend's own path of p.
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

// Fixed reports whether p is always a directory, regardless of the stores: the root, a
// mount point, the home, and everything above them. Such a directory cannot be made,
// removed or renamed.
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

// fixedChildren returns the names of the fixed directories right below p. The value is true
// for those that hold a mount: they hide what the outer store has at their place.
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

// Allowed returns the user's rights at p. On a read-only mount the rights to change
// something are missing. It does not look at what is there.
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

// lacks returns the error for an operation that needs the rights in want. It names the
// missing ones for the log, as the configuration spells them in allow.
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

// MakesParents reports whether creating an entry at p also creates the directories above
// it. Otherwise they must exist, which is checked for each new name.
func (v *View) MakesParents(p Path) bool {
	m, _, ok := v.mount(p)
	return ok && !m.RequireParents && v.may(PermMkdir)
}

// wantParent checks that the directory of p, which lies on m, exists where it must.
func (v *View) wantParent(ctx context.Context, m *Mount, p Path) error {
	dir := p.Dir()
	if v.MakesParents(p) || v.Fixed(dir) {
		return nil
	}
	// There is no mount between p and its directory, which is not a fixed one.
	rest, _ := dir.Cut(m.At)
	_, err := m.Backend.Stat(ctx, m.Root.Join(rest), TypeDir)
	if k := KindOf(err); err != nil && (k == KindNotExist || k == KindNotDir) {
		return &Error{Kind: KindNotExist, Reason: "no such directory", Err: err}
	}
	return err
}

// fail puts operation and path into err. Those of the first View stay, and io.EOF is
// returned unchanged.
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

// done finishes an operation: it reports the event to the observer and returns the error
// for the frontend.
func (v *View) done(ctx context.Context, e Event, start time.Time) error {
	e.Err = fail(e.Op, e.Path, e.Err)
	e.Duration = time.Since(start)
	v.observe(ctx, e)
	return e.Err
}
