package fairshare

import (
	"context"
	"time"
)

// aloneFor is how long one user alone must have called AcquireBriefly before its calls need
// not wait for each other. It is longer than the pauses of a user that sends.
const aloneFor = 10 * time.Millisecond

// callers remembers whose calls have come.
type callers struct {
	// user is that of the last call, changed when it was another one than that before.
	user    Holder
	changed time.Time
}

// note records a call, and reports whether the user alone has called for some time.
func (c *callers) note(h Holder) bool {
	now := time.Now()
	if user := h.Levels()[1]; user != c.user {
		c.user, c.changed = user, now
	}
	return now.Sub(c.changed) > aloneFor
}

// AcquireBriefly is Acquire of one unit that is held for less than a millisecond. While no
// request waits and a unit is free, the unit counts for no holder and costs no more than a lock.
// So only the order of waiting requests is fair: the holder that was served longest ago is the
// next. A user that is alone gets more than the capacity. No other user needs a share then, and
// a request that waited would run when its bytes have left the processor's caches.
func (r *Resource) AcquireBriefly(ctx context.Context, h Holder) (*Lease, error) {
	r.mu.Lock()
	alone := r.brief.note(h) && len(r.root.children) == 0
	if r.root.waiting+len(r.last) == 0 && (alone || r.root.held < r.capacity) {
		defer r.mu.Unlock()
		r.root.add(1, 0)
		r.full.Store(r.root.held >= r.capacity)
		return &Lease{resource: r, leaf: &r.root, units: 1}, nil
	}
	r.mu.Unlock()
	return r.Acquire(ctx, h, 1)
}
