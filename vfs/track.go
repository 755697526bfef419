package vfs

import "context"

// Tracker follows one operation that may take long while it runs: a file that is read or
// written, or a directory that is listed.
type Tracker interface {
	// Moved is called when n more bytes have moved, by the goroutine that moves them. It
	// must not block.
	Moved(n int)
	// End is called once, when the operation has ended, before its Event.
	End()
}

// Track returns the Tracker of an operation that begins. The event has Op, Path and Root.
type Track func(ctx context.Context, begun Event) Tracker

// Tracked returns a View of the same tree whose long operations are followed.
func (v *View) Tracked(t Track) *View {
	c := *v
	c.track = t
	return &c
}

// begin returns the Tracker of an operation that begins.
func (v *View) begin(ctx context.Context, op string, p Path) Tracker {
	if v.track == nil {
		return untracked{}
	}
	return v.track(ctx, Event{Op: op, Path: p, Root: v.root})
}

// untracked follows nothing.
type untracked struct{}

func (untracked) Moved(int) {}
func (untracked) End()      {}
