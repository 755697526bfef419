package chunk

import (
	"container/list"
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/session"
)

// Pool hands out chunks up to a budget.
type Pool struct {
	budget, maxBlock int64
	sizes            [numClasses]int

	mu sync.Mutex
	// inUse counts the memory of all chunks that are handed out, outbound the
	// part of it that is on its way to the store, and filling that of the
	// accounts' chunks that are in no block.
	inUse, outbound, filling, peak int64

	waiting  *list.List // of *waiter, the first to come in front
	accounts map[*Account]struct{}
	// lease has what is in use and what is idle.
	lease *memory.Lease
	idle  *idle
	trim  *time.Timer // pending while nothing is in use; nil at first

	readAhead readAhead

	// uploads counts the accounts that have had memory.
	uploads *fairshare.Resource
}

// waiter is one Get that waits. ready has room for the one chunk that it gets.
type waiter struct {
	class Class
	ready chan *Chunk
}

// New returns a pool that has a budget of its own. A budget below 16 small chunks is
// raised to that: less could not hold one block beside another.
func New(budget int64) *Pool {
	budget = max(budget, 16*SmallSize)
	return NewIn(memory.New(budget).Part("chunks", memory.Limits{Reserve: budget}))
}

// NewIn returns a pool that has all of a part of the process's budget, of at least 16
// small chunks. Nobody else leases of the part, and its reserve is its ceiling.
func NewIn(part *memory.Part) *Pool {
	budget := part.Most()
	most := max(SmallSize, budget/64)
	p := &Pool{
		budget: budget, maxBlock: part.Budget().Limit() / 8,
		sizes: [numClasses]int{
			Small: SmallSize, Medium: int(min(MediumSize, most)), Large: int(min(LargeSize, most)),
		},
		waiting:  list.New(),
		accounts: map[*Account]struct{}{},
		lease:    part.Open(),
	}
	p.idle = &idle{lease: p.lease}
	p.uploads = fairshare.NewResource("uploads", int64(p.MaxAccounts()))
	// Every chunk refers to the pool: when nobody does, all buffers are idle.
	runtime.AddCleanup(p, func(i *idle) { i.shrink(0); i.lease.Close() }, p.idle)
	return p
}

// Budget returns the most that the pool hands out, in bytes.
func (p *Pool) Budget() int64 { return p.budget }

// MaxBlock returns how large a block should become at most, in bytes: an eighth of the
// process's budget.
func (p *Pool) MaxBlock() int64 { return p.maxBlock }

// Stats is what a Pool holds at one moment, in bytes where nothing else is
// said.
type Stats struct {
	Budget   int64
	InUse    int64 // handed out
	Outbound int64 // the part of InUse that is on its way to the store
	Ahead    int64 // the part of InUse that downloads have read in advance
	Idle     int64 // kept for reuse
	Peak     int64 // the most that was ever in use
	Waiting  int   // calls of Get that wait
	Accounts int   // transfers
}

// Stats returns the present state.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Stats{
		Budget: p.budget, InUse: p.inUse, Outbound: p.outbound, Ahead: p.readAhead.held, Idle: p.idle.bytes, Peak: p.peak,
		Waiting: p.waiting.Len(), Accounts: len(p.accounts),
	}
}

// Account is one transfer's account at the pool. Its methods may be called
// concurrently.
type Account struct {
	pool    *Pool
	ready   func() bool
	seal    func() bool
	growing int64            // memory in blocks that still grow; guarded by pool.mu
	place   *fairshare.Lease // since the first Get; guarded by pool.mu
}

// accountShare is the part of the budget that holds a small chunk for each
// account. With the half of it that larger chunks which are being filled may
// take, a sixth is left that always comes back.
const accountShare = 3

// MaxAccounts returns how many accounts can have had memory at once.
func (p *Pool) MaxAccounts() int { return int(p.budget / accountShare / SmallSize) }

// Uploads counts the accounts that have had memory and are not closed, by who holds
// them.
func (p *Pool) Uploads() *fairshare.Resource { return p.uploads }

// ErrTooMany is the error of the first Get of an account when MaxAccounts others, or as
// many of its tenant, user or connection as may be, have had memory and are not closed.
var ErrTooMany = errors.New("chunk: as many transfers run as the memory budget serves")

// Open returns a new account. It counts from its first Get on: who has begun an
// upload and sent nothing takes nothing away from others. seal is called, by any goroutine that uses the
// pool, when the memory in the account's growing block is needed: it Sends that
// block and returns true, or returns false when it cannot. It must not wait,
// and must not be called with a lock held that seal takes: Get and Release call
// it, of any account. ready says, without a lock, whether seal is worth a call:
// thousands of accounts may wait for the same connections to the store. nil means
// always.
func (p *Pool) Open(ready, seal func() bool) *Account {
	return &Account{pool: p, ready: ready, seal: seal}
}

// enroll counts an account for the holder that ctx names. p.mu must be held.
func (p *Pool) enroll(ctx context.Context, a *Account) error {
	if a.place != nil {
		return nil
	}
	place, err := p.uploads.TryAcquire(session.HolderOf(ctx), 1)
	if err != nil {
		return ErrTooMany
	}
	a.place = place
	p.accounts[a] = struct{}{}
	return nil
}

// Close ends the account. All its chunks must have been given back.
func (a *Account) Close() {
	a.pool.mu.Lock()
	defer a.pool.mu.Unlock()
	delete(a.pool.accounts, a)
	if a.place != nil {
		a.place.Release()
		a.place = nil
	}
}

// NewBlock returns an empty block.
func (a *Account) NewBlock() *Block { return &Block{account: a} }

// Get returns an empty chunk: of the class, or a small one when those that are
// being filled hold half of the budget. When the budget is spent it waits until
// others have given back enough and all who came before are served, or until ctx
// ends; then it returns the cause of that. The first call may be refused with
// ErrTooMany. ctx has the session that pays for it.
func (a *Account) Get(ctx context.Context, class Class) (*Chunk, error) {
	p := a.pool
	p.mu.Lock()
	if err := p.enroll(ctx, a); err != nil {
		p.mu.Unlock()
		return nil, err
	}
	if p.waiting.Len() == 0 {
		if c := p.fill(class); c != nil {
			p.mu.Unlock()
			return c, nil
		}
	}
	w := &waiter{class, make(chan *Chunk, 1)}
	place := p.waiting.PushBack(w)
	p.mu.Unlock()

	p.relieve()
	select {
	case c := <-w.ready:
		return c, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	select {
	case c := <-w.ready: // served at the same moment
		p.filling -= int64(len(c.buf))
		p.putBack(c)
	default:
		p.waiting.Remove(place)
	}
	p.serve()
	p.mu.Unlock()
	return nil, context.Cause(ctx)
}

// Put gives back a chunk that is in no block.
func (a *Account) Put(c *Chunk) {
	p := a.pool
	p.mu.Lock()
	p.filling -= int64(len(c.buf))
	p.mu.Unlock()
	p.release(a, []*Chunk{c}, 0, false)
}

// grow notes memory that joined a growing block.
func (p *Pool) grow(a *Account, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a.growing += memory
	p.filling -= memory
}

// send notes that a growing block became an outbound one.
func (p *Pool) send(a *Account, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a.growing -= memory
	p.outbound += memory
}

// release takes chunks back, of which memory bytes were in an outbound or a
// growing block, and serves who waits.
func (p *Pool) release(a *Account, chunks []*Chunk, memory int64, outbound bool) {
	p.mu.Lock()
	if outbound {
		p.outbound -= memory
	} else {
		a.growing -= memory
	}
	for _, c := range chunks {
		p.putBack(c)
	}
	p.serve()
	more := p.waiting.Len() > 0
	p.mu.Unlock()
	if more {
		p.relieve()
	}
}

// relieve takes back what was read in advance, and then has growing blocks sent,
// the largest first, while somebody waits and less than a quarter of the budget
// is on its way.
func (p *Pool) relieve() {
	p.giveWay()
	var refused map[*Account]bool
	for {
		a := p.largest(refused)
		if a == nil {
			return
		}
		if !a.seal() {
			if refused == nil {
				refused = map[*Account]bool{}
			}
			refused[a] = true
		}
	}
}

// largest returns the account with the most memory in growing blocks, nil when
// there is none or no need.
func (p *Pool) largest(refused map[*Account]bool) *Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting.Len() == 0 || p.outbound >= p.budget/4 {
		return nil
	}
	var most *Account
	for a := range p.accounts {
		if a.growing > 0 && (most == nil || a.growing > most.growing) && !refused[a] && (a.ready == nil || a.ready()) {
			most = a
		}
	}
	return most
}

// serve gives chunks to those who wait, in their order, as long as the first
// one's fits. p.mu must be held.
func (p *Pool) serve() {
	for front := p.waiting.Front(); front != nil; front = p.waiting.Front() {
		w := front.Value.(*waiter)
		c := p.fill(w.class)
		if c == nil {
			return
		}
		p.waiting.Remove(front)
		w.ready <- c
	}
}

// fill returns a chunk for an account, nil when none fits. p.mu must be held.
func (p *Pool) fill(class Class) *Chunk {
	if p.filling+int64(p.sizes[class]) > p.budget/2 {
		class = Small
	}
	if !p.fits(class) {
		return nil
	}
	c := p.take(class)
	p.filling += int64(len(c.buf))
	return c
}

func (p *Pool) fits(class Class) bool { return p.inUse+int64(p.sizes[class]) <= p.budget }

// take returns a chunk that fits. p.mu must be held.
func (p *Pool) take(class Class) *Chunk {
	size := p.sizes[class]
	p.inUse += int64(size)
	p.peak = max(p.peak, p.inUse)
	buf := p.idle.take(class)
	if buf == nil {
		buf = p.idle.alloc(size, p.budget-p.inUse)
	}
	return &Chunk{buf: buf, class: class, pool: p}
}

// putBack makes the memory of c free. p.mu must be held.
func (p *Pool) putBack(c *Chunk) {
	p.inUse -= int64(len(c.buf))
	p.idle.put(c.class, c.buf)
	c.buf, c.n = nil, 0
	switch {
	case p.inUse > 0:
	case p.trim == nil:
		p.trim = time.AfterFunc(idleFor, p.giveBack)
	default:
		p.trim.Reset(idleFor)
	}
}

// giveBack returns the memory of a pool that was not used for a while to the
// operating system.
func (p *Pool) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inUse == 0 {
		p.idle.shrink(0)
	}
}
