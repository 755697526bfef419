package notify

import (
	"context"
	"log/slog"

	"github.com/tidegate/tidegate/internal/loglimit"
)

// reports writes the lines of an endpoint of which there may be many: the first one, and once
// a minute how many more there were.
type reports struct {
	log                  *slog.Logger
	late, refused, split *loglimit.Limiter[struct{}]
	// lost has a count for each reason.
	lost *loglimit.Limiter[string]
}

func newReports(log *slog.Logger) *reports {
	r := &reports{log: log}
	r.late = loglimit.New(func(_ struct{}, count int, last string) {
		log.Warn("more events not delivered before the reply", "count", count, "last_id", last)
	})
	r.refused = loglimit.New(func(_ struct{}, count int, last string) {
		log.Warn("more events refused", "count", count, "last_id", last)
	})
	r.split = loglimit.New(func(_ struct{}, count int, last string) {
		log.Warn("more batches of events refused", "count", count, "last_id", last)
	})
	r.lost = loglimit.New(r.logLost)
	return r
}

// logLost says how many events were dropped for a reason.
func (r *reports) logLost(reason string, count int, last string) {
	r.log.Warn("events lost", "reason", reason, "count", count, "last_id", last)
}

// eventLost reports an event that was dropped for a reason.
func (r *reports) eventLost(reason, id string) {
	if r.lost.Note(reason, id) {
		r.logLost(reason, 1, id)
	}
}

// eventLate reports that a reply did not wait any longer for an event.
func (r *reports) eventLate(e *entry, why string) {
	level := slog.LevelDebug
	if r.late.Note(struct{}{}, e.id) {
		level = slog.LevelWarn
	}
	r.log.LogAttrs(context.Background(), level, "event not delivered before the reply",
		slog.String("session", e.session), slog.String("path", e.path), slog.String("id", e.id), slog.String("reason", why))
}

// eventRefused reports that the receiver has refused an event for now, or a batch of which it
// gets the halves.
func (r *reports) eventRefused(b *batch, err error) {
	first := b.events[0]
	if n := len(b.events); n > 1 {
		if r.split.Note(struct{}{}, b.id) {
			r.log.Warn("batch of events refused", "count", n, "id", b.id, "err", err)
		}
		return
	}
	if r.refused.Note(struct{}{}, first.id) {
		r.log.Warn("event refused", "session", first.session, "path", first.path, "id", first.id, "err", err)
	}
}

// close writes the counts that are not written yet.
func (r *reports) close() {
	r.late.Close()
	r.refused.Close()
	r.split.Close()
	r.lost.Close()
}
