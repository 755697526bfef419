package memory

import (
	"context"
	"fmt"
	"slices"
)

// Lease is memory of a Part that one user holds: it grows and shrinks.
type Lease struct {
	part *Part
	// held contains lent, the part of it that was kept apart. Both are guarded by
	// the budget's lock.
	held, lent int64
	closed     bool
}

// TryAcquire adds n bytes if they are free, and reports whether it did. While a call of
// Acquire waits for memory of the part, it adds nothing.
func (l *Lease) TryAcquire(n int64) bool {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(l.part.waiting) == 0 && l.take(n, false)
}

// Acquire adds n bytes. It waits until they are free and all earlier calls have been
// served. When ctx ends first, it returns the cause of that and adds nothing. n must not
// exceed what the part can have at most.
func (l *Lease) Acquire(ctx context.Context, n int64) error {
	b, p := l.part.budget, l.part
	b.mu.Lock()
	if (len(p.waiting) == 0 || l == p.first) && l.take(n, true) {
		b.mu.Unlock()
		return nil
	}
	w := &waiter{l, n, make(chan struct{})}
	p.waiting = append(p.waiting, w)
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := slices.Index(p.waiting, w); at >= 0 {
		p.waiting = slices.Delete(p.waiting, at, at+1)
	} else { // Served when ctx ended.
		l.give(n)
	}
	b.serve()
	return context.Cause(ctx)
}

// Take adds n bytes whether they are free or not: it counts memory that is used in any
// case. Other leases can have n bytes less.
func (l *Lease) Take(n int64) {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	l.add(n)
}

// Allowed returns how many bytes the lease may hold now, if it is the only one of its
// part. The lease of an elastic part can hold more than that, after other parts have
// taken some of its memory. Then its owner must release what it can, and acquire nothing.
func (l *Lease) Allowed() int64 {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(l.held+b.room(l.part), 0)
}

// Keep says that n bytes of the elastic part cannot be released soon. Other parts do not
// wait for them.
func (l *Lease) Keep(n int64) {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	less := n < l.part.kept
	if l.part.kept = n; less {
		b.serve()
	}
}

// Release gives n bytes back.
func (l *Lease) Release(n int64) {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	l.give(n)
	b.serve()
}

// Close releases everything and ends the lease. No call of Acquire may be waiting. A second
// Close does nothing.
func (l *Lease) Close() {
	b := l.part.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	l.part.leases--
	l.give(l.held)
	b.serve()
}

// Held returns how many bytes the lease has.
func (l *Lease) Held() int64 {
	l.part.budget.mu.Lock()
	defer l.part.budget.mu.Unlock()
	return l.held
}

// take adds n bytes if they are free, and reports whether it did. With waits, they may also
// come from the reserve of the part. The budget's lock must be held.
func (l *Lease) take(n int64, waits bool) bool {
	p := l.part
	switch {
	case l.closed:
		panic("memory: use of a lease after its end")
	case n <= p.budget.room(p):
	case waits && (p.first == nil || p.first == l) && l.lent+n <= p.whole:
		p.first = l
		l.lent += n
		p.lent += n
	default:
		return false
	}
	l.add(n)
	return true
}

// add counts n bytes. The budget's lock must be held.
func (l *Lease) add(n int64) {
	if l.closed {
		panic("memory: use of a lease after its end")
	}
	b := l.part.budget
	l.held += n
	l.part.held += n
	l.part.peak = max(l.part.peak, l.part.held)
	b.held += n
	b.peak = max(b.peak, b.held)
}

// give takes n bytes back, first those that were kept apart. The budget's lock must be
// held.
func (l *Lease) give(n int64) {
	p := l.part
	if n > l.held {
		panic(fmt.Sprintf("memory: %d bytes given back to %s of a lease of %d", n, p.name, l.held))
	}
	l.held -= n
	p.held -= n
	p.budget.held -= n
	back := min(n, l.lent)
	l.lent -= back
	p.lent -= back
	if p.first == l && l.lent == 0 {
		p.first = nil
	}
}
