package streams

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
)

// Options are those of a Group.
type Options struct {
	// Most is how many Streams may be open. One that needs a place takes that of the idle one
	// that was used longest ago.
	Most int
	// Idle is how long a Stream keeps its place when another user, or another Stream of the
	// Group, waits for it, Own when another connection of the same user does. Own is at least
	// Idle.
	Idle, Own time.Duration
	// Unless Keep is set, a Stream is also closed when it has not been used for Idle and another
	// one of the Group was used after it.
	Keep bool
	// Late lets a Stream take its place when it is left open for the first time, so that one
	// that ends before takes none. If no place is free then, it is closed.
	Late bool
	// Shared has the places of all Groups, and Holder returns the connection.
	Shared *fairshare.Resource
	Holder func() fairshare.Holder
	// Calls counts the calls of the timer that have not ended. No new ones come when nothing is
	// open any more. A panic in one of them goes to Panicked.
	Calls    *sync.WaitGroup
	Panicked func(any)
	// Memory is for what Directories remember.
	Memory *memory.Part
}

const (
	// idle and own are Options.Idle and Options.Own for listings. A connection that waits for
	// another one of its user waits longer: to list again what was listed takes the processor
	// some milliseconds for each 1,000 entries, and one user with hundreds of connections could
	// let the process do nothing else.
	idle, own = time.Second, 5 * time.Second
	// pageMemory is about what a listing holds: a page of 5,000 entries. An eighth of the memory
	// for transfers is for all of them: at least minListings, and at most maxListings.
	pageMemory               = 2 << 20
	minListings, maxListings = 4, 64
)

// ForListings sets the times of the options of listings.
func ForListings(o Options) Options {
	o.Idle, o.Own, o.Keep = idle, own, true
	return o
}

// Listings returns the resource of listings, all frontends together, of a process that has so
// many bytes for transfers. A listing may be in use for minutes, such as one of a large
// directory with a pattern, so a user leaves a place for another one.
func Listings(l *fairshare.Ledger, memory int64) *fairshare.Resource {
	r := l.Resource("listings", min(max(memory/8/pageMemory, minListings), maxListings))
	r.LeaveRoom()
	return r
}

// Group limits the Streams of a connection. Its methods, and those of its Streams, may be
// called concurrently, but each Stream belongs to one goroutine at a time.
type Group struct {
	o Options

	mu    sync.Mutex
	freed sync.Cond
	// open are in the order of their use, the last one last.
	open  []*Stream
	timer *time.Timer // nil while nothing is to be looked at
	// waiting counts those that wait for a place.
	waiting int
}

// New returns a Group without Streams.
func New(o Options) *Group {
	g := &Group{o: o}
	g.freed.L = &g.mu
	return g
}

// Stream is something that is open at a store, or will be. Between Enter and Leave it belongs
// to the caller.
type Stream struct {
	g *Group
	// ctx ends the wait for a place.
	ctx   context.Context
	close func()

	// These are guarded by Group.mu.
	//
	// busy is set while it is in use or being closed, used is when it was left, and placed
	// when it was left for the first time with its lease.
	busy         bool
	used, placed time.Time
	// lease is of Options.Shared, nil while it has no place. late is set until it has to wait
	// for one: see Options.
	lease *fairshare.Lease
	late  bool
	// last is set by Last. Only its owner changes it.
	last bool
}

// Stream returns a Stream that is closed. shut closes what is open for it. It is called on
// any goroutine, but not while the Stream is in use.
func (g *Group) Stream(ctx context.Context, shut func()) *Stream {
	return &Stream{g: g, ctx: ctx, close: shut, late: g.o.Late}
}

// Enter begins a use of the Stream, which may be open already. It waits while all others of the
// Group are in use, and until all others that share the places leave one. After the end of the
// context it returns without a place.
func (x *Stream) Enter() {
	if x.g.begin(x) {
		x.g.acquire(x)
	}
}

// begin marks x as in use. It reports whether x needs a place.
func (g *Group) begin(x *Stream) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.take(x) {
		if victim := g.oldest(); victim != nil {
			g.evict(victim)
		} else {
			g.freed.Wait()
		}
	}
	return x.lease == nil && !x.late
}

// acquire waits for a place for x, which is in use. Meanwhile the idle ones of the Group are
// closed.
func (g *Group) acquire(x *Stream) {
	pending := g.o.Shared.Request(g.o.Holder(), 1)
	granted, whole := false, false
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.waiting--
		if granted {
			x.lease, x.placed = pending.Lease(), time.Time{}
			return
		}
		pending.Withdraw()
		if !whole { // a panic
			g.remove(x)
		}
	}()
	g.yield(pending)
	select {
	case <-pending.Granted():
		granted = true
	case <-x.ctx.Done():
	}
	whole = true
}

// yield closes idle ones of the Group until the request is granted. The caller counts as waiting
// from then on.
func (g *Group) yield(to *fairshare.Pending) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting++
	for victim := g.oldest(); victim != nil && to.Lease() == nil; victim = g.oldest() {
		g.evict(victim)
	}
}

// take begins a use if there is room for it.
func (g *Group) take(x *Stream) bool {
	at := slices.Index(g.open, x)
	switch {
	case at >= 0 && x.busy: // it is being closed
		g.freed.Wait()
		return g.take(x)
	case at >= 0:
		g.open = slices.Delete(g.open, at, at+1)
	case len(g.open) >= g.o.Most:
		return false
	}
	g.open = append(g.open, x)
	x.busy = true
	return true
}

// oldest returns the idle one that was used longest ago, nil when there is none. One that cannot
// be opened again comes after all others.
func (g *Group) oldest() *Stream {
	at := slices.IndexFunc(g.open, func(x *Stream) bool { return !x.busy && !x.last })
	if at < 0 {
		at = slices.IndexFunc(g.open, func(x *Stream) bool { return !x.busy })
	}
	if at < 0 {
		return nil
	}
	return g.open[at]
}

// evict closes one that nobody uses. mu is held before and after, and not meanwhile.
func (g *Group) evict(x *Stream) {
	x.busy, x.late = true, false
	g.mu.Unlock()
	defer func() { // also after a panic
		g.mu.Lock()
		g.remove(x)
	}()
	x.close()
}

func (g *Group) remove(x *Stream) {
	x.busy = false
	if x.lease != nil {
		x.lease.Release()
		x.lease = nil
	}
	g.open = slices.DeleteFunc(g.open, func(other *Stream) bool { return other == x })
	if len(g.open) == 0 && g.timer != nil && g.timer.Stop() {
		g.timer = nil
		g.o.Calls.Done()
	}
	g.freed.Broadcast()
}

// Leave ends a use. open says whether anything is still open for the Stream: then it is idle.
func (x *Stream) Leave(open bool) {
	g := x.g
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	switch {
	case !open:
		g.remove(x)
		return
	case x.lease == nil && !g.place(x):
		g.evict(x)
		return
	case x.placed.IsZero():
		x.placed = now
	case !x.last && g.gives(x, now.Sub(x.placed)):
		g.evict(x)
		return
	}
	x.busy, x.used = false, now
	g.freed.Broadcast()
	g.watch(g.o.Idle)
}

// Last says that what is open for the Stream, which is in use, cannot be opened again. So it
// keeps its place while it is used, and gives it only when it is idle.
func (x *Stream) Last() { x.last = true }

// gives reports whether x, whose place nobody needed for so long, gives it to a holder that
// waits.
func (g *Group) gives(x *Stream, since time.Duration) bool {
	return since >= g.o.Own && x.lease.Wanted() || since >= g.o.Idle && (g.waiting > 0 || x.lease.WantedByOther())
}

// place takes a place for x if one is free.
func (g *Group) place(x *Stream) bool {
	pending := g.o.Shared.Request(g.o.Holder(), 1)
	if x.lease = pending.Lease(); x.lease == nil {
		pending.Withdraw()
		return false
	}
	x.placed = time.Time{}
	return true
}

// End waits until the Stream is not in use elsewhere, and gives its place back. What is still
// open for it is the caller's.
func (x *Stream) End() {
	g := x.g
	g.mu.Lock()
	defer g.mu.Unlock()
	for x.busy {
		g.freed.Wait()
	}
	g.remove(x)
}

// watch looks after the idle ones in a while, if there are any.
func (g *Group) watch(in time.Duration) {
	if g.timer == nil && len(g.open) > 0 {
		g.o.Calls.Add(1)
		g.timer = time.AfterFunc(in, g.expire)
	}
}

// expire closes those that have idled for too long: what others wait for, and unless they are
// kept, all but the one that was used last. That one stays: its client may be slow.
func (g *Group) expire() {
	defer g.o.Calls.Done()
	defer func() {
		if r := recover(); r != nil {
			g.o.Panicked(r)
		}
	}()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timer = nil
	now := time.Now()
	for {
		at := slices.IndexFunc(g.open, func(x *Stream) bool {
			last := x == g.open[len(g.open)-1]
			unused := now.Sub(x.used)
			return !x.busy && (!g.o.Keep && !last && unused >= g.o.Idle || g.gives(x, unused))
		})
		if at < 0 {
			break
		}
		g.evict(g.open[at])
	}
	// The next one that may have idled by then is looked at in time.
	next := g.o.Idle
	for _, x := range g.open {
		if left := g.o.Idle - now.Sub(x.used); !x.busy && left > 0 {
			next = min(next, left)
		}
	}
	g.watch(next)
}
