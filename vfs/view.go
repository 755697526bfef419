package vfs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Mount makes a directory of a backend appear in a tree.
type Mount struct {
	// At is the place of the mount in the user's tree.
	At Path
	// Backend holds the files, below Root. Name is its name in events.
	Backend Backend
	Name    string
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
	// Root is the directory among the mounts that is "/" in the user's tree. Nothing outside
	// of it can be reached or named. It lies on a mount or above one, and always exists.
	Root Path
	// Home is the first directory of a session, in the user's tree. It always exists, as
	// mount points do. The user can leave it.
	Home Path
	// Allow holds the user's rights on all mounts. Paths replace them at some paths.
	Allow Permission
	Paths []PathRule
	// Names limit the names that the user can give.
	Names NameRules
	// Limiter limits what the operations take. Nil limits nothing.
	Limiter Limiter
	// Notify gets the event of each operation that has changed the store. It may be nil.
	Notify Notify
}

// View is one user's tree of mounts. Frontends work only with Views. A View is immutable
// and may be used by many sessions at once.
//
// Its methods check the user's rights, find the mount, pass the call to the
// backend with the backend's own path, put operation and path into errors, and report every
// finished operation to the Observer. Contracts not repeated here are those of Backend.
type View struct {
	mounts  []Mount
	root    Path
	home    Path
	rights  userRights
	names   names
	limiter Limiter
	since   time.Time
	notify  Notify // may be nil
	observe Observer
	track   Track // may be nil
	scope   Scope // may be nil
}

// Event describes one finished operation of a View.
type Event struct {
	// Op is "stat", "list", "read", "write", "copy", "mkdir", "remove",
	// "rename" or "settime".
	Op   string
	Path Path
	// Root is the Root of the View. Path and To begin there.
	Root Path
	// To is the target of a copy or a rename.
	To Path
	// Backend is the Name of the mount that Path lies on, "" where there is none.
	Backend string
	// Bytes counts what was read, written or copied, Entries what was listed.
	Bytes   int64
	Entries int64
	// Duration is the time from the call to its end; for files to the end of their Close,
	// Commit or Abort.
	Duration time.Duration
	// Receipt says what the store has now at Path, or at To where there is one. It is nil for
	// an operation that failed or changes nothing.
	Receipt *Receipt
	// Requests counts the requests that the store got for the operation, each attempt
	// separately. It is 0 for a store whose backend does not count them.
	Requests int64
	// Throttled is how long the bytes have waited for the user's or the tenant's bandwidth.
	Throttled time.Duration
	// Err is nil when the operation succeeded as a whole. Closing a reader early is no
	// error; an aborted writer is KindCanceled.
	Err error
}

// Observer receives an event. It is called on the goroutine of the operation and must not
// block.
type Observer func(context.Context, Event)

// Notify receives the event of each operation that has changed the store. It is called on the
// goroutine of the operation, after the Observer, and before the caller of the operation
// learns that it has succeeded. It may block until another system knows of the change, but
// must return soon when ctx ends. It cannot make the operation fail.
type Notify func(context.Context, Event)

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
	o.Mounts = slices.Clone(o.Mounts)
	for i := range o.Mounts {
		o.Mounts[i].At, o.Mounts[i].Root = o.Mounts[i].At.Place(), o.Mounts[i].Root.Place()
	}
	v := &View{
		root: o.Root.Place(), home: o.Home.Place(), limiter: o.Limiter, notify: o.Notify,
		since: time.Now().Truncate(time.Second), observe: func(context.Context, Event) {},
	}
	var err, errRights, errNames error
	v.mounts, err = rooted(o.Mounts, v.root)
	v.rights, errRights = newRights(o.Allow, o.Paths)
	v.names, errNames = newNames(o.Names)
	if err := errors.Join(err, errRights, errNames); err != nil {
		return nil, err
	}
	return v, nil
}

// Observed returns a View of the same tree that reports each operation to o.
func (v *View) Observed(o Observer) *View {
	c := *v
	c.observe = o
	return &c
}

// Home returns the directory that a session starts in.
func (v *View) Home() Path { return v.home }

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
	for i := range v.mounts {
		m := &v.mounts[i]
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
	if _, ok := v.home.Cut(p); ok {
		return true
	}
	for i := range v.mounts {
		if _, ok := v.mounts[i].At.Cut(p); ok {
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
	add(v.home, false)
	for i := range v.mounts {
		add(v.mounts[i].At, true)
	}
	return names
}

// Allowed returns the user's rights at p. On a read-only mount the rights to change
// something are missing. It does not look at what is there.
func (v *View) Allowed(p Path) Permission {
	const reading = PermList | PermRead
	allow := v.rights.at(p)
	m, _, ok := v.mount(p)
	switch {
	case !ok:
		return allow & PermList
	case m.ReadOnly:
		return allow & reading
	}
	return allow
}

// MayName reports whether the user can give a file the name of p.
func (v *View) MayName(p Path) bool { return v.names.file(p) == nil }

// writable returns the mount of p for an operation that changes it.
func (v *View) writable(p Path, want Permission) (*Mount, Path, error) {
	m, inner, ok := v.mount(p)
	switch {
	case !ok:
		return nil, Path{}, NewError(KindPermission, errors.New("outside of all mounts"))
	case m.ReadOnly:
		return nil, Path{}, NewError(KindPermission, &SettingError{"access", fmt.Errorf("the mount at %s is read-only (access)", m.At)})
	}
	return m, inner, v.rights.want(p, want)
}

// MakesParents reports whether creating an entry at p also creates the missing directories
// above it. Otherwise some of them must exist, which is checked for each new name.
func (v *View) MakesParents(p Path) bool {
	m, _, ok := v.mount(p)
	if !ok {
		return false
	}
	_, required := v.requiredParent(m, p)
	return !required
}

// requiredParent returns the deepest directory above p that must exist before an entry is
// created at p, which lies on m. All those below it are created.
func (v *View) requiredParent(m *Mount, p Path) (dir Path, required bool) {
	for dir = p.Dir(); ; dir = dir.Dir() {
		made := !m.RequireParents && v.rights.at(dir)&PermMkdir != 0
		switch {
		case made && (dir.IsRoot() || len(v.rights.rules) == 0):
			return Path{}, false // the rights above are the same
		case made:
		case v.Fixed(dir):
			return Path{}, false // as all above
		default:
			return dir, true
		}
	}
}

// wantParent checks that the directories above p, which lies on m, exist where they must.
func (v *View) wantParent(ctx context.Context, m *Mount, p Path) error {
	dir, required := v.requiredParent(m, p)
	if !required {
		return nil
	}
	// There is no mount between p and the directory, which is not a fixed one.
	rest, _ := dir.Cut(m.At)
	err := v.asking(ctx, m.Backend, func(ctx context.Context) error {
		_, err := m.Backend.Stat(ctx, m.Root.Join(rest), TypeDir)
		return err
	})
	if k := KindOf(err); err != nil && (k == KindNotExist || k == KindNotDir) {
		return &Error{Kind: KindNotExist, Reason: "no such directory", Err: err}
	}
	return err
}

// fail returns err as an *Error with the operation op and the path p. If err is an *Error, op and
// p replace its own. If err only wraps an *Error, the result has the Reason and Found of that.
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

// done finishes an operation: it reports the event, tells of a change, and returns the error
// for the frontend.
func (v *View) done(ctx context.Context, e Event, start time.Time) error {
	e = v.report(ctx, e, start)
	v.tell(ctx, e)
	return e.Err
}

// tell tells of a change.
func (v *View) tell(ctx context.Context, e Event) {
	if v.notify != nil && e.Receipt != nil {
		v.notify(ctx, e)
	}
}

// report completes the event of an operation and reports it to the observer.
func (v *View) report(ctx context.Context, e Event, start time.Time) Event {
	e.Err = fail(e.Op, e.Path, e.Err)
	e.Root = v.root
	if m, _, ok := v.mount(e.Path); ok {
		e.Backend = m.Name
	}
	if e.Err != nil {
		e.Receipt = nil
	}
	e.Duration = time.Since(start)
	e.Requests = requestsOf(ctx)
	v.observe(ctx, e)
	return e
}
