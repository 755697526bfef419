package vfs

import "context"

// Scope has the contexts in which operations run, so that what a backend does for an
// operation can be told from what it does for others. Its methods may be called
// concurrently.
type Scope interface {
	// Enter returns the context of an operation that begins. The Observer gets the Event of
	// the operation with it, or with one made from it, once. begun has Op, Path, To and Root.
	Enter(ctx context.Context, begun Event) context.Context
	// Resume returns ctx for a further call, such as the commit of a file, of the operation
	// that Enter returned begun for.
	Resume(ctx, begun context.Context) context.Context
}

// Scoped returns a View of the same tree whose operations run in the contexts of s. Nil
// changes no context.
func (v *View) Scoped(s Scope) *View {
	c := *v
	c.scope = s
	return &c
}

// enter returns the context of an operation that begins.
func (v *View) enter(ctx context.Context, e Event) context.Context {
	ctx = countingRequests(ctx)
	if v.scope == nil {
		return ctx
	}
	e.Root = v.root
	return v.scope.Enter(ctx, e)
}

// resume returns ctx for a further call of the operation that began with begun.
func (v *View) resume(ctx, begun context.Context) context.Context {
	ctx = countingWith(ctx, begun)
	if v.scope == nil {
		return ctx
	}
	return v.scope.Resume(ctx, begun)
}
