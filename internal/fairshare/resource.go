package fairshare

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrRefused is the error of TryAcquire and Displace when all units are held, or the holder
// has as many as it may.
var ErrRefused = errors.New("fairshare: all is held, or the holder's share")

// Resource is one scarce thing. Its methods may be called concurrently.
type Resource struct {
	name string

	// full is whether all is held. It changes under mu.
	full atomic.Bool

	// mu guards everything below, nodes and leases too. Nothing is called under it.
	mu       sync.Mutex
	capacity int64
	root     node
	clock    uint64
	// last are the requests that come behind all others, the first one first.
	last []*Pending
	// revocable are the leases of Displace, the oldest first.
	revocable []*Lease
	// brief is who calls AcquireBriefly.
	brief callers
	// leaveRoom is set by LeaveRoom.
	leaveRoom bool
}

// NewResource returns a resource of which nothing is held. The name is for people.
func NewResource(name string, capacity int64) *Resource {
	return &Resource{name: name, capacity: capacity}
}

// Lease is what a holder has of a resource, until Release. Its methods may be called
// concurrently.
type Lease struct {
	resource *Resource
	leaf     *node // the root of AcquireBriefly's, nil once it is released or revoked
	units    int64
	// revoke is set by Displace alone. engaged leases are the last to be revoked.
	revoke  func()
	engaged bool
}

// Pending is a request that waits or was granted. Its methods may be called
// concurrently.
type Pending struct {
	resource *Resource
	leaf     *node // nil for a request that comes last
	holder   Holder
	units    int64
	// granted is closed when lease is set.
	granted chan struct{}
	lease   *Lease
}

// Name returns the name, which is for people.
func (r *Resource) Name() string { return r.name }

// Capacity returns how much there is in all.
func (r *Resource) Capacity() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.capacity
}

// Resize changes the capacity. When more is held than the new one, nothing is granted
// until enough has been released.
func (r *Resource) Resize(capacity int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.capacity = capacity
	r.full.Store(r.root.held >= r.capacity)
	r.serve()
}

// LeaveRoom lets Acquire and Request give a user that has units already more of them only while
// as many are left, which are for users that have none. From a capacity of eight times the
// units on, a tenant that has some leaves as many again for tenants that have none. It is for
// what may be held for long.
func (r *Resource) LeaveRoom() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaveRoom = true
}

// Full reports, without a lock, whether all was held a moment ago.
func (r *Resource) Full() bool { return r.full.Load() }

// Held returns how much is held.
func (r *Resource) Held() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.root.held
}

// Waiting returns how many requests wait.
func (r *Resource) Waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.root.waiting + len(r.last)
}

// Acquire takes units, and waits for them. More than the capacity is granted while
// nothing else is held. The error is the cause of ctx's end.
func (r *Resource) Acquire(ctx context.Context, h Holder, units int64) (*Lease, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	pending := r.Request(h, units)
	select {
	case <-pending.Granted():
		return pending.Lease(), nil
	case <-ctx.Done():
		pending.Withdraw()
		return nil, context.Cause(ctx)
	}
}

// Request is Acquire for a caller that has other things to wait for as well. The caller
// takes the Lease when the request is granted, or calls Withdraw.
func (r *Resource) Request(h Holder, units int64) *Pending {
	w := &Pending{resource: r, holder: h, units: units, granted: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.leaf = r.leaf(h)
	w.leaf.queue = append(w.leaf.queue, w)
	w.leaf.add(0, 1)
	r.serve()
	return w
}

// RequestLast is Request behind all others: what it asks for is granted when no request
// waits in Acquire and Request, in the order of the calls.
func (r *Resource) RequestLast(h Holder, units int64) *Pending {
	w := &Pending{resource: r, holder: h, units: units, granted: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = append(r.last, w)
	r.serve()
	return w
}

// serve grants what can be granted to those that wait. A request for which there is not
// enough yet is not overtaken by one that wants less, but where room is left, by that of a user
// that has nothing. mu is held.
func (r *Resource) serve() {
	for {
		w := r.least()
		if r.leaveRoom && w != nil && w.isMore() && !r.leavesRoom(w) {
			w = r.leastOfNew()
		}
		if w == nil || r.root.held > 0 && r.root.held+w.units > r.capacity || r.leaveRoom && !r.leavesRoom(w) {
			return
		}
		if w.leaf == nil {
			r.last = r.last[1:]
			w.lease = r.grant(r.leaf(w.holder), w.units)
		} else {
			w.leaf.queue = w.leaf.queue[1:]
			w.lease = r.grant(w.leaf, w.units)
			w.leaf.add(0, -1)
		}
		close(w.granted)
	}
}

// isMore reports whether the user of the request has units already.
func (w *Pending) isMore() bool {
	return w.leaf != nil && w.holder != (Holder{}) && w.leaf.parent.held > 0
}

// leavesRoom reports whether enough is left when w is granted; see LeaveRoom. mu is held.
func (r *Resource) leavesRoom(w *Pending) bool {
	if w.leaf == nil || w.holder == (Holder{}) || r.root.held == 0 {
		return true
	}
	left := r.capacity - r.root.held - w.units
	if w.isMore() {
		left -= w.units
	}
	if w.leaf.parent.parent.held > 0 && r.capacity >= 8*w.units {
		left -= w.units
	}
	return left >= 0
}

// grant books units. mu is held.
func (r *Resource) grant(leaf *node, units int64) *Lease {
	leaf.add(units, 0)
	r.full.Store(r.root.held >= r.capacity)
	r.served(leaf)
	return &Lease{resource: r, leaf: leaf, units: units}
}

// Granted is closed when the request is granted.
func (w *Pending) Granted() <-chan struct{} { return w.granted }

// Lease returns what was granted, nil while nothing was.
func (w *Pending) Lease() *Lease {
	w.resource.mu.Lock()
	defer w.resource.mu.Unlock()
	return w.lease
}

// Withdraw ends the request. What was granted at the same moment goes to the next one.
func (w *Pending) Withdraw() {
	r := w.resource
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(other *Pending) bool { return other == w }
	switch {
	case w.lease != nil:
		r.release(w.lease)
	case w.leaf == nil:
		r.last = slices.DeleteFunc(r.last, same)
	default:
		n := len(w.leaf.queue)
		w.leaf.queue = slices.DeleteFunc(w.leaf.queue, same)
		w.leaf.add(0, len(w.leaf.queue)-n)
	}
	r.serve() // it may have been the one for which there was not enough
}

// TryAcquire takes units if they are within the limits of the holder, its user and its
// tenant, and no request waits. The error is ErrRefused.
func (r *Resource) TryAcquire(h Holder, units int64) (*Lease, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.root.waiting+len(r.last) > 0 || !r.within(h, units) {
		return nil, ErrRefused
	}
	return r.grant(r.leaf(h), units), nil
}

// Displace takes one unit that may be revoked. When nothing is left it revokes another
// one's lease, and calls the revoke of that before it returns: the lease counts as
// released by then.
//
// Displace revokes a lease of the tenant or address that has the most: the oldest that is not
// engaged. When all of them are engaged, it revokes the oldest, if the caller's tenant or address
// still has less with the new lease. When no tenant or address has more than a tenth of the
// capacity, it revokes the oldest of all leases that are not engaged. Without such a lease the
// error is ErrRefused.
func (r *Resource) Displace(h Holder, revoke func()) (*Lease, error) {
	r.mu.Lock()
	var victim *Lease
	if r.root.held+1 > r.capacity {
		if victim = r.victim(h); victim == nil {
			r.mu.Unlock()
			return nil, ErrRefused
		}
		r.release(victim)
	}
	lease := r.grant(r.leaf(h), 1)
	lease.revoke = revoke
	r.revocable = append(r.revocable, lease)
	r.mu.Unlock()
	if victim != nil {
		victim.revoke()
	}
	return lease, nil
}

// victim returns the lease that has to make room for one of h, nil when none has. mu is
// held.
func (r *Resource) victim(h Holder) *Lease {
	var own int64
	top := h.path()[0]
	if n := r.root.children[top]; n != nil {
		own = n.held
	}
	most := own
	for _, n := range r.root.children {
		most = max(most, n.held)
	}
	first := func(will func(*Lease) bool) *Lease {
		if at := slices.IndexFunc(r.revocable, will); at >= 0 {
			return r.revocable[at]
		}
		return nil
	}
	largest := func(l *Lease) bool { return l.leaf.parent.parent.held == most }
	if most <= max(r.capacity/10, 1) {
		return first(func(l *Lease) bool { return !l.engaged })
	}
	if idle := first(func(l *Lease) bool { return !l.engaged && largest(l) }); idle != nil {
		return idle
	}
	if own+1 >= most {
		return nil
	}
	return first(largest)
}

// Engage makes a lease of Displace one of the last to be revoked.
func (l *Lease) Engage() {
	l.resource.mu.Lock()
	defer l.resource.mu.Unlock()
	l.engaged = true
}

// Wanted reports whether the holder of the next request has less than the holder of l, at the
// first level of the tree where the two holders differ. A holder that can do without the lease
// for a while should release it then.
func (l *Lease) Wanted() bool { return l.wanted(false) }

// WantedByOther is Wanted for the requests of other users.
func (l *Lease) WantedByOther() bool { return l.wanted(true) }

func (l *Lease) wanted(byOther bool) bool {
	r := l.resource
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.least()
	if w == nil || w.leaf == nil || l.leaf == nil || l.leaf == &r.root {
		return false
	}
	ours, theirs := l.leaf, w.leaf
	if byOther && ours.parent == theirs.parent {
		return false
	}
	for ours.parent != theirs.parent {
		ours, theirs = ours.parent, theirs.parent
	}
	return ours.held > theirs.held
}

// Release gives everything back. It does nothing when that was done, or the lease
// revoked, before.
func (l *Lease) Release() {
	r := l.resource
	r.mu.Lock()
	defer r.mu.Unlock()
	r.release(l)
	r.serve()
}

// release books the end of a lease. mu is held.
func (r *Resource) release(l *Lease) {
	if l.leaf == nil {
		return
	}
	if l.revoke != nil {
		r.revocable = slices.DeleteFunc(r.revocable, func(other *Lease) bool { return other == l })
	}
	l.leaf.add(-l.units, 0)
	l.leaf = nil
	r.full.Store(r.root.held >= r.capacity)
}

// usage returns what is held and waited for.
func (r *Resource) usage() []Usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Usage
	r.root.leaves(func(n *node) {
		all = append(all, Usage{Resource: r.name, Holder: n.holder, Held: n.held, Waiting: n.waiting})
	})
	for _, w := range r.last {
		all = append(all, Usage{Resource: r.name, Holder: w.holder, Waiting: 1})
	}
	return all
}
