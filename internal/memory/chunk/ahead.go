package chunk

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// sleepTime is after how long without a byte a download's client counts as one
// that pauses, whose memory others may have.
const sleepTime = time.Second

// Ahead is the account of one download for what it reads before its client
// wants it. Such memory is a favour: it is given only while nobody waits for
// memory and all downloads together hold no more than half of the budget, and
// it is taken back when somebody waits. Its methods may be called concurrently.
type Ahead struct {
	pool   *Pool
	of     fairshare.Holder
	yield  func() []*Chunk
	held   int64                     // guarded by pool.mu
	sharer *sharer                   // of its connection while it holds any; guarded by pool.mu
	moved  atomic.Pointer[time.Time] // when the client last came for bytes
}

// OpenAhead returns a new account of the session that ctx has. yield is called, by any goroutine that uses
// the pool, when its memory is needed: it returns chunks that the download gives
// up and does not touch any more, or none when it can give up none. It must not
// wait, and must not be called with a lock held that yield takes: Get and Put
// of any account call it.
func (p *Pool) OpenAhead(ctx context.Context, yield func() []*Chunk) *Ahead {
	a := &Ahead{pool: p, of: session.HolderOf(ctx), yield: yield}
	a.Moved(time.Now())
	return a
}

// Moved says that the client comes for more bytes, be they in this memory or not.
func (a *Ahead) Moved(now time.Time) { a.moved.Store(&now) }

// Get returns an empty large chunk, nil when there is none to spare. It never
// waits. When downloads hold a quarter of the budget, their half is shared equally among
// tenants, then users, connections and downloads. When they hold all of the half, those
// whose clients pause are asked to give up theirs, and then those of a tenant, user or
// connection that has more than its share.
func (a *Ahead) Get() *Chunk {
	p := a.pool
	for range 2 {
		p.mu.Lock()
		c, victim := p.spare(a)
		p.mu.Unlock()
		if c != nil {
			return c
		}
		if victim == nil || !p.reclaim(victim) {
			return nil
		}
	}
	return nil
}

// spare returns a chunk for a, or else who could give one up. p.mu must be held.
func (p *Pool) spare(a *Ahead) (c *Chunk, victim *Ahead) {
	limit := p.lease.Allowed()
	size, half := int64(p.sizes[Large]), limit/2
	if p.holders.waiting > 0 || !p.fits(Large, limit) {
		return nil, nil
	}
	if p.readAhead.held+size > half/2 {
		since := time.Now().Add(-sleepTime)
		within, over := p.readAhead.share(a, size, half, since)
		if p.readAhead.held+size > half {
			if sleeper := p.readAhead.most(func(other *Ahead) bool { return other != a && !other.moved.Load().After(since) }); sleeper != nil {
				return nil, sleeper
			}
			within = false
		}
		if !within {
			return nil, over
		}
	}
	p.readAhead.add(a, size)
	return p.take(Large, limit), nil
}

// Put gives back a chunk whose content the client has taken, or which is not
// needed any more.
func (a *Ahead) Put(c *Chunk) {
	p := a.pool
	p.mu.Lock()
	more := p.returned(a, []*Chunk{c})
	p.mu.Unlock()
	if more {
		p.relieve()
	}
}

// returned takes chunks of a back and serves who waits. It reports whether
// somebody still does. p.mu must be held.
func (p *Pool) returned(a *Ahead, chunks []*Chunk) bool {
	for _, c := range chunks {
		p.readAhead.add(a, -int64(len(c.buf)))
		p.putBack(c)
	}
	p.serve()
	return p.holders.waiting > 0
}

// reclaim asks one download to give up chunks and reports whether it did.
func (p *Pool) reclaim(a *Ahead) bool {
	chunks := a.yield()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.returned(a, chunks)
	return len(chunks) > 0
}

// giveWay takes back what downloads have read in advance, from the one that
// holds the most first, while somebody waits.
func (p *Pool) giveWay() {
	var refused map[*Ahead]bool
	for {
		a := p.most(refused)
		if a == nil {
			return
		}
		if !p.reclaim(a) {
			if refused == nil {
				refused = map[*Ahead]bool{}
			}
			refused[a] = true
		}
	}
}

// most returns the download that holds the most, nil when there is none or no
// need.
func (p *Pool) most(refused map[*Ahead]bool) *Ahead {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holders.waiting == 0 {
		return nil
	}
	return p.readAhead.most(func(a *Ahead) bool { return !refused[a] })
}
