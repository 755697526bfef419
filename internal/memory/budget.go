package memory

import (
	"fmt"
	"slices"
	"sync"
)

// Budget is an amount of memory. Its methods, and those of its parts and leases, may
// be called concurrently.
//
// There is one lock, Budget.mu. Nothing is called while it is held, so that callers
// may hold locks of their own.
type Budget struct {
	limit int64

	mu         sync.Mutex
	held, peak int64
	parts      []*Part
}

// New returns a budget of limit bytes.
func New(limit int64) *Budget { return &Budget{limit: limit} }

// Limit returns how many bytes the budget has.
func (b *Budget) Limit() int64 { return b.limit }

// Limits are those of a Part, in bytes.
type Limits struct {
	// Reserve is what no other part gets.
	Reserve int64
	// Most is what the part gets at most. At least the reserve.
	Most int64
	// Whole is 0, or what one lease may need before it gives anything back. It is
	// kept apart, within Reserve and Most, which are raised to it.
	Whole int64
	// Elastic says that the part gives back what it holds beyond its reserve when
	// others need it; see Lease.Allowed.
	Elastic bool
}

// Part returns a new part of the budget. It panics when the reserves of all parts
// exceed the budget: that is a mistake of the program.
func (b *Budget) Part(name string, l Limits) *Part {
	l.Reserve = max(l.Reserve, l.Whole)
	l.Most = max(l.Most, l.Reserve)
	p := &Part{
		budget: b, name: name, elastic: l.Elastic,
		reserve: l.Reserve - l.Whole, most: l.Most - l.Whole, whole: l.Whole,
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if sum := b.reserved() + l.Reserve; sum > b.limit {
		panic(fmt.Sprintf("memory: reserves of %d bytes exceed a budget of %d", sum, b.limit))
	}
	b.parts = append(b.parts, p)
	return p
}

func (b *Budget) reserved() (sum int64) {
	for _, p := range b.parts {
		sum += p.reserve + p.whole
	}
	return sum
}

// room returns how much p can have beyond what it has, outside of what is kept apart. It
// is negative when p is elastic and has to give back. b.mu must be held.
func (b *Budget) room(p *Part) int64 {
	left := b.limit
	for _, q := range b.parts {
		held := q.held - q.lent
		left -= q.whole
		switch {
		case q == p:
			left -= held
		case q.elastic:
			left -= max(q.reserve, q.kept)
		default:
			left -= max(q.reserve, held)
		}
	}
	return min(left, p.most-(p.held-p.lent))
}

// serve grants the waiting calls of Acquire that can be granted. b.mu must be held.
func (b *Budget) serve() {
	for _, p := range b.parts {
		for len(p.waiting) > 0 {
			w := p.waiting[0]
			if !w.lease.take(w.n, true) {
				break
			}
			p.waiting = slices.Delete(p.waiting, 0, 1)
			close(w.ready)
		}
	}
}

// Usage is what a part holds at one moment, in bytes.
type Usage struct {
	Name          string
	Held, Peak    int64 // Peak is the most that was ever held
	Reserve, Most int64
	Leases        int // that are not closed
	Waiting       int // calls of Acquire
}

// Usage returns the state of all parts.
func (b *Budget) Usage() []Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Usage, 0, len(b.parts))
	for _, p := range b.parts {
		all = append(all, Usage{p.name, p.held, p.peak, p.reserve + p.whole, p.most + p.whole, p.leases, len(p.waiting)})
	}
	return all
}

// Held returns what all parts hold together, and Peak the most that was ever held.
func (b *Budget) Held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// Peak returns the most that all parts have ever held together.
func (b *Budget) Peak() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.peak
}

// Part is the memory for one kind of buffer.
type Part struct {
	budget *Budget
	name   string
	// reserve and most do not contain whole.
	reserve, most, whole int64
	elastic              bool

	// The rest is guarded by budget.mu. held contains lent, which is taken from
	// what is kept apart, by the lease that is first.
	held, lent, peak int64
	// kept is what an elastic part cannot give back soon; see Lease.Keep.
	kept    int64
	first   *Lease
	leases  int
	waiting []*waiter
}

type waiter struct {
	lease *Lease
	n     int64
	ready chan struct{} // closed when the lease has the memory
}

// Open returns a lease of nothing, which must be closed.
func (p *Part) Open() *Lease {
	p.budget.mu.Lock()
	defer p.budget.mu.Unlock()
	p.leases++
	return &Lease{part: p}
}

// Reserve returns what the part has whatever others hold.
func (p *Part) Reserve() int64 { return p.reserve + p.whole }

// Most returns the ceiling of the part.
func (p *Part) Most() int64 { return p.most + p.whole }

// Budget returns what it is a part of.
func (p *Part) Budget() *Budget { return p.budget }
