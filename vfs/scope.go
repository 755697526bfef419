package vfs

import "context"

// Scope makes the contexts in which operations run, so that the work of a backend can be
// assigned to an operation. Its methods may be called concurrently.
type Scope interface {
	// Enter returns the context of an operation that begins. The Observer gets the Event of
	// the operation once, with this context or one derived from it. begun has Op, Path, To and
	// Root.
	Enter(ctx context.Context, begun Event) context.Context
	// Resume returns the context of a further call of an operation, such as the commit of a
	// file. ctx is the context of that call, and begun the one that Enter returned.
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
