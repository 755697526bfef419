package turns

import (
	"context"
	"net/netip"
	"sync"
)

// Turns bounds what is computed at once, by its number and by the memory that it
// takes. Who waits is served by address in turn: however many wait from one
// address, another one waits for one of each address before it. Its methods may be
// called at the same time.
type Turns struct {
	slots     int
	memoryKiB int64

	mu sync.Mutex
	// used are the slots and the memory of those that have a turn.
	used    int
	usedKiB int64
	// queues are the addresses with somebody waiting, the next one first.
	queues []*addressQueue
	byAddr map[netip.Prefix]*addressQueue
}

// addressQueue are those that wait from one address, the first one first.
type addressQueue struct {
	addr    netip.Prefix
	waiting []*waiter
}

type waiter struct {
	memoryKiB int64
	ready     chan struct{} // closed when it is its turn
}

// New returns turns of which nobody has one: slots at once, that take memoryKiB
// together.
func New(slots int, memoryKiB int64) *Turns {
	return &Turns{slots: slots, memoryKiB: memoryKiB, byAddr: map[netip.Prefix]*addressQueue{}}
}

// Take waits for a turn that takes so much memory, 0 where that does not count. End
// follows when it returns nil; its error is that of ctx.
func (t *Turns) Take(ctx context.Context, addr netip.Prefix, memoryKiB int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{memoryKiB, make(chan struct{})}
	t.mu.Lock()
	q := t.byAddr[addr]
	if q == nil {
		q = &addressQueue{addr: addr}
		t.byAddr[addr] = q
		t.queues = append(t.queues, q)
	}
	q.waiting = append(q.waiting, w)
	t.admit()
	t.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		t.withdraw(addr, w)
		return ctx.Err()
	}
}

// End ends a turn, and reports whether nobody has one now.
func (t *Turns) End(memoryKiB int64) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free(memoryKiB)
	return t.used == 0
}

func (t *Turns) free(memoryKiB int64) {
	t.used--
	t.usedKiB -= memoryKiB
	t.admit()
}

// Idle reports whether nobody has a turn or waits for one.
func (t *Turns) Idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.used == 0 && t.usedKiB == 0 && len(t.queues) == 0 && len(t.byAddr) == 0
}

// admit gives turns to those that wait, as far as there is room. One that takes
// more memory than all may take is had alone. mu is held.
func (t *Turns) admit() {
	for len(t.queues) > 0 {
		q := t.queues[0]
		w := q.waiting[0]
		if t.used == t.slots || t.used > 0 && t.usedKiB+w.memoryKiB > t.memoryKiB {
			return
		}
		t.used++
		t.usedKiB += w.memoryKiB
		close(w.ready)
		q.waiting = q.waiting[1:]
		t.queues = t.queues[1:]
		if len(q.waiting) > 0 {
			t.queues = append(t.queues, q)
		} else {
			delete(t.byAddr, q.addr)
		}
	}
}

// withdraw takes out one who does not want to wait any more, or gives back the
// turn that came at the same time.
func (t *Turns) withdraw(addr netip.Prefix, w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-w.ready:
		t.free(w.memoryKiB)
		return
	default:
	}
	q := t.byAddr[addr]
	q.waiting = without(q.waiting, w)
	if len(q.waiting) == 0 {
		delete(t.byAddr, addr)
		t.queues = without(t.queues, q)
	}
	t.admit() // it may have been the one that there was no room for
}

// without returns the list without one element that is in it.
func without[T comparable](list []T, one T) []T {
	rest := make([]T, 0, len(list))
	for _, x := range list {
		if x != one {
			rest = append(rest, x)
		}
	}
	return rest
}
