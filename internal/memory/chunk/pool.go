package chunk

import (
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
	// budget is what the pool may have at most, limit what it may have now.
	budget, maxBlock int64
	sizes            [numClasses]int

	mu sync.Mutex
	// inUse counts the memory of all chunks that are handed out, outbound the
	// part of it that is on its way to the store, and filling that of the
	// accounts' chunks that are in no block.
	inUse, outbound, filling, peak int64

	// holders is the root of those that have accounts, and knows the calls that wait.
	holders  holder
	accounts map[*Account]struct{}
	// lease has what is in use and what is idle.
	lease *memory.Lease
	idle  *idle
	trim  *time.Timer // pending while nothing is in use; nil at first

	// readAhead is the root of those whose downloads have read ahead.
	readAhead sharer

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
	return newPool(memory.New(budget).Part("chunks", memory.Limits{Reserve: budget}), budget/maxBlockShare)
}

// NewIn returns the pool of a process, which has all of the part for chunks. Nobody else
// leases of that.
func NewIn(parts *memory.Parts) *Pool { return newPool(parts.Chunks, parts.Transfers/maxBlockShare) }

// maxBlockShare is the part of the memory for transfers that a block may have.
const maxBlockShare = 8

func newPool(part *memory.Part, maxBlock int64) *Pool {
	budget := part.Most()
	most := max(SmallSize, budget/64)
	p := &Pool{
		budget: budget, maxBlock: maxBlock,
		sizes: [numClasses]int{
			Small: SmallSize, Medium: int(min(MediumSize, most)), Large: int(min(LargeSize, most)),
		},
		accounts: map[*Account]struct{}{},
		lease:    part.Open(),
	}
	p.idle = newIdle(p.lease, budget, p.sizes[Large])
	p.uploads = fairshare.NewResource("uploads", int64(p.MaxAccounts()))
	// Every chunk refers to the pool: when nobody does, all buffers are idle.
	runtime.AddCleanup(p, func(i *idle) { i.shrink(0); i.lease.Close() }, p.idle)
	return p
}

// Budget returns the most that the pool hands out, in bytes.
func (p *Pool) Budget() int64 { return p.budget }

// MaxBlock returns how large a block should become at most, in bytes: an eighth of the
// process's memory for transfers.
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
		Waiting: p.holders.waiting, Accounts: len(p.accounts),
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
	holder  *holder          // since the first Get; guarded by pool.mu
}

// maxAccountsEighths is the part of the budget that holds a small chunk for each account.
const maxAccountsEighths = 3

// MaxAccounts returns how many accounts can have had memory at once.
func (p *Pool) MaxAccounts() int { return int(p.budget / 8 * maxAccountsEighths / SmallSize) }

// mostFilling returns how much the chunks that are being filled may take of a limit for
// one of them to be larger than a small one: half, and so much that an eighth still comes
// back when each account has a small one.
func (p *Pool) mostFilling(limit int64) int64 {
	return min(limit/2, limit/8*7-int64(p.MaxAccounts())*SmallSize)
}

// Uploads counts the accounts that have had memory and are not closed, by who holds
// them.
func (p *Pool) Uploads() *fairshare.Resource { return p.uploads }

// ErrTooMany is the error of the first Get of an account when MaxAccounts others, or as
// many of its tenant, user or connection as may be, have had memory and are not closed.
var ErrTooMany = errors.New("chunk: as many transfers run as the memory budget serves")

// Open returns a new account. The account counts from its first Get on: an upload that has begun
// and received nothing takes nothing away from others. When the memory in the growing block of
// the account is needed, any goroutine that uses the pool calls seal. seal Sends the block and
// returns true, or returns false when it cannot. It must not wait. Get and Release of any account
// call seal, so that the caller of these must not hold a lock that seal takes. ready reports,
// without a lock, whether a call of seal can succeed: thousands of accounts may wait for the same
// connections to the store. A nil ready means always.
func (p *Pool) Open(ready, seal func() bool) *Account {
	return &Account{pool: p, ready: ready, seal: seal}
}

// enroll counts an account for the holder that ctx names. p.mu must be held.
func (p *Pool) enroll(ctx context.Context, a *Account) error {
	if a.place != nil {
		return nil
	}
	from := session.HolderOf(ctx)
	place, err := p.uploads.TryAcquire(from, 1)
	if err != nil {
		return ErrTooMany
	}
	a.place, a.holder = place, p.holders.leaf(from)
	a.holder.open()
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
		a.holder.close()
		a.place = nil
	}
}

// NewBlock returns an empty block.
func (a *Account) NewBlock() *Block { return &Block{account: a} }

// Get returns an empty chunk: of the class, or a small one when those that are
// being filled hold half of the budget. When the budget is spent it waits until
// others have given back enough, or until ctx ends; then it returns the cause of that.
// Among calls that wait, the one whose tenant has the least is served first, then by
// users and connections. The first call may be refused with
// ErrTooMany. ctx has the session that pays for it.
func (a *Account) Get(ctx context.Context, class Class) (*Chunk, error) {
	p := a.pool
	p.mu.Lock()
	if err := p.enroll(ctx, a); err != nil {
		p.mu.Unlock()
		return nil, err
	}
	if p.holders.waiting == 0 {
		if c := p.fill(a.holder, class); c != nil {
			p.mu.Unlock()
			return c, nil
		}
	}
	w := &waiter{class, make(chan *Chunk, 1)}
	a.holder.wait(w)
	p.serve() // it may be the next one, and want less than the one before
	p.mu.Unlock()

	if len(w.ready) == 0 {
		p.relieve()
	}
	select {
	case c := <-w.ready:
		return c, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	select {
	case c := <-w.ready: // served at the same moment
		p.fills(-int64(len(c.buf)))
		a.holder.holds(-int64(len(c.buf)))
		p.putBack(c)
	default:
		a.holder.leave(w)
	}
	p.serve()
	p.mu.Unlock()
	return nil, context.Cause(ctx)
}

// Put gives back a chunk that is in no block.
func (a *Account) Put(c *Chunk) {
	p := a.pool
	p.mu.Lock()
	p.fills(-int64(len(c.buf)))
	p.mu.Unlock()
	p.release(a, []*Chunk{c}, 0, false)
}

// grow notes memory that joined a growing block.
func (p *Pool) grow(a *Account, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a.growing += memory
	p.fills(-memory)
}

// send notes that a growing block became an outbound one.
func (p *Pool) send(a *Account, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a.growing -= memory
	p.outbound += memory
	a.holder.sends(memory)
}

// release takes chunks back, of which memory bytes were in an outbound or a
// growing block, and serves who waits.
func (p *Pool) release(a *Account, chunks []*Chunk, memory int64, outbound bool) {
	p.mu.Lock()
	if outbound {
		p.outbound -= memory
		a.holder.sends(-memory)
	} else {
		a.growing -= memory
	}
	for _, c := range chunks {
		a.holder.holds(-int64(len(c.buf)))
		p.putBack(c)
	}
	p.serve()
	more := p.holders.waiting > 0
	p.mu.Unlock()
	if more {
		p.relieve()
	}
}

// relieve takes back memory that downloads have read in advance, and then has growing blocks
// sent, the largest first, while a call of Get waits. It first takes blocks of users that hold at
// least their share, until a quarter of the memory of these users is on its way to the store.
// Then it takes the blocks of all users, until a quarter of the budget is on its way. So the
// blocks of a user with less, which may be large and take long, do not prevent the blocks of
// others from being sent.
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

// largest returns the account with the most memory in growing blocks whose block is to be
// sent, nil when there is none or no need.
func (p *Pool) largest(refused map[*Account]bool) *Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holders.waiting == 0 {
		return nil
	}
	if held, outbound := p.holders.large(); outbound < held/4 {
		if a := p.largestOf((*holder).isLarge, refused); a != nil {
			return a
		}
	}
	if p.outbound < p.lease.Allowed()/4 {
		return p.largestOf(func(*holder) bool { return true }, refused)
	}
	return nil
}

// largestOf is largest among the accounts of some users. p.mu must be held.
func (p *Pool) largestOf(users func(*holder) bool, refused map[*Account]bool) *Account {
	var most *Account
	for a := range p.accounts {
		if a.growing > 0 && (most == nil || a.growing > most.growing) && users(a.holder.parent) && !refused[a] && (a.ready == nil || a.ready()) {
			most = a
		}
	}
	return most
}

// serve gives chunks to those that wait, in the order of holder, as long as the first
// one's fits. p.mu must be held.
func (p *Pool) serve() {
	for p.holders.waiting > 0 {
		leaf := p.holders.next()
		w := leaf.queue[0]
		c := p.fill(leaf, w.class)
		if c == nil {
			return
		}
		p.holders.served(leaf)
		w.ready <- c
	}
}

// fill returns a chunk for an account of a holder, nil when none fits. p.mu must be held.
func (p *Pool) fill(h *holder, class Class) *Chunk {
	limit := p.lease.Allowed()
	if p.filling+int64(p.sizes[class]) > p.mostFilling(limit) {
		class = Small
	}
	if !p.fits(class, h.limit(limit, int64(p.sizes[class]))) {
		return nil
	}
	c := p.take(class, limit)
	p.fills(int64(len(c.buf)))
	h.holds(int64(len(c.buf)))
	return c
}

// fills counts n bytes more that are being filled, or fewer. Those do not come back soon,
// so that others cannot have them. p.mu must be held.
func (p *Pool) fills(n int64) {
	p.filling += n
	p.lease.Keep(p.filling / 7 * 8)
}

func (p *Pool) fits(class Class, limit int64) bool { return p.inUse+int64(p.sizes[class]) <= limit }

// take returns a chunk that fits. p.mu must be held.
func (p *Pool) take(class Class, limit int64) *Chunk {
	size := p.sizes[class]
	p.inUse += int64(size)
	p.peak = max(p.peak, p.inUse)
	buf := p.idle.take(class)
	if buf == nil {
		buf = p.idle.alloc(class, size, limit-p.inUse)
	}
	return &Chunk{buf: buf, class: class, pool: p}
}

// putBack makes the memory of c free. p.mu must be held.
func (p *Pool) putBack(c *Chunk) {
	p.inUse -= int64(len(c.buf))
	p.idle.put(c.class, c.buf)
	p.idle.shrink(max(p.lease.Allowed()-p.inUse, 0))
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
