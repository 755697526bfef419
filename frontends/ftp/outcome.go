package ftp

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// observed returns the user's tree for a transfer that sends: what it reports of reading
// waits for the end of the transfer.
func (t *transfer) observed() *vfs.View {
	report := t.s.srv.observe.Operation
	return t.s.login.view.Observed(func(ctx context.Context, e vfs.Event) {
		if e.Op != "list" && e.Op != "read" {
			report(ctx, e)
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.outcomes = append(t.outcomes, outcome{ctx, e})
	})
}

// reportOutcome reports what was read, with the reason for which the client did not get
// it.
func (t *transfer) reportOutcome() {
	cause := t.failure()
	t.mu.Lock()
	outcomes := t.outcomes
	t.outcomes = nil
	t.mu.Unlock()
	report := t.s.srv.observe.Operation
	for _, o := range outcomes {
		if o.event.Err == nil && cause != nil && !t.succeeded() {
			o.event.Err = vfs.NewError(vfs.KindCanceled, cause)
		}
		report(o.ctx, o.event)
	}
}

// command is what the client sent for the transfer.
func (t *transfer) command() string {
	if t.listing != nil {
		return t.listing.verb
	}
	return t.verb
}
