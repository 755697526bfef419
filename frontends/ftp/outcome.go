package ftp

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/vfs"
)

// observed returns the user's tree for a transfer: what it reports of the file or the listing
// waits for the end of the transfer, when the reply is known.
func (t *transfer) observed() *vfs.View {
	report := t.s.srv.observe.Operation
	return t.s.login.view.Observed(func(ctx context.Context, e vfs.Event) {
		if e.Op != "list" && e.Op != "read" && e.Op != "write" {
			report(ctx, e)
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if n := len(t.report.outcomes) - 1; n >= 0 {
			// A listing whose place was wanted begins again: it is one operation.
			if before := t.report.outcomes[n].event; e.Op == "list" && before.Op == "list" && before.Path == e.Path && before.Err == nil {
				e.Duration, e.Requests, e.Throttled = e.Duration+before.Duration, e.Requests+before.Requests, e.Throttled+before.Throttled
				t.report.outcomes = t.report.outcomes[:n]
			}
		}
		t.report.outcomes = append(t.report.outcomes, outcome{ctx, e})
	})
}

// reportOutcome reports what was read or written, with the reason for which the client did not
// get it.
func (t *transfer) reportOutcome() {
	cause := t.failure()
	t.mu.Lock()
	outcomes := t.report.outcomes
	t.report.outcomes = nil
	t.mu.Unlock()
	for _, o := range outcomes {
		if o.event.Op != "write" && o.event.Err == nil && cause != nil && !t.succeeded() {
			o.event.Err = cause
			if _, ok := errors.AsType[*vfs.Error](cause); !ok {
				o.event.Err = vfs.NewError(vfs.KindCanceled, cause)
			}
		}
		t.s.srv.observe.Answered(o.ctx, o.event, t.answer().code)
	}
}

// command is what the client sent for the transfer.
func (t *transfer) command() string {
	if t.listing != nil {
		return t.listing.verb
	}
	return t.verb
}
