package notify

import (
	"slices"
	"time"
)

// Status is what the events for one receiver do at one moment.
type Status struct {
	// Name is the type and the name of the block: "webhook.ingest".
	Name string
	// Waiting is how many events are in the queue, Failed how many of them were sent already
	// and not accepted.
	Waiting, Failed int
	// Delivered and Lost count events since the process has started, also those of an earlier
	// receiver of that name.
	Delivered, Lost int64
	// Err says why the last attempt has failed, at ErrAt, and Since is when the first one has.
	// They are zero when none of the events that wait has failed.
	Err          string
	ErrAt, Since time.Time
	// Gone says that the receiver wants no events any more; Removed that the configuration has
	// it no more, and that what is queued is still delivered.
	Gone, Removed bool
}

// trouble is why events of the queue were not accepted. The zero value is none.
type trouble struct {
	err       string
	at, since time.Time
}

// add notes a failed attempt.
func (t *trouble) add(err error, now time.Time) {
	if t.since.IsZero() {
		t.since = now
	}
	t.err, t.at = err.Error(), now
}

// status returns what the endpoint does.
func (p *endpoint) status() Status {
	s := Status{Name: p.name, Delivered: p.metrics.delivered.Value()}
	for _, n := range p.metrics.lost {
		s.Lost += n.Value()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Waiting, s.Failed = p.order.len(), p.order.failed
	s.Err, s.ErrAt, s.Since = p.trouble.err, p.trouble.at, p.trouble.since
	s.Gone = p.gone
	return s
}

// Status returns what the endpoints do, those that were removed and still send last.
func (h *Hub) Status() []Status {
	h.mu.Lock()
	present, leaving := h.current.Load().endpoints, slices.Clone(h.leaving)
	h.mu.Unlock()
	all := make([]Status, 0, len(present)+len(leaving))
	for _, p := range present {
		all = append(all, p.status())
	}
	for _, p := range leaving {
		s := p.status()
		s.Removed = true
		all = append(all, s)
	}
	return all
}
