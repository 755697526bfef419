package chunk

import (
	"sync/atomic"
	"time"
)

// sleepTime is after how long without a byte a download's client counts as one
// that pauses, whose memory others may have.
const sleepTime = time.Second

// readAhead is the pool's knowledge of what downloads have read in advance. It
// is guarded by Pool.mu.
type readAhead struct {
	held    int64               // bytes of memory
	holders map[*Ahead]struct{} // who holds any
}

// Ahead is the account of one download for what it reads before its client
// wants it. Such memory is a favour: it is given only while nobody waits for
// memory and all downloads together hold no more than half of the budget, and
// it is taken back when somebody waits. Its methods may be called concurrently.
type Ahead struct {
	pool  *Pool
	yield func() []*Chunk
	held  int64                     // guarded by pool.mu
	moved atomic.Pointer[time.Time] // when the client last came for bytes
}

// OpenAhead returns a new account. yield is called, by any goroutine that uses
// the pool, when its memory is needed: it returns chunks that the download gives
// up and does not touch any more, or none when it can give up none. It must not
// wait, and must not be called with a lock held that yield takes: Get and Put
// of any account call it.
func (p *Pool) OpenAhead(yield func() []*Chunk) *Ahead {
	a := &Ahead{pool: p, yield: yield}
	a.Moved(time.Now())
	return a
}

// Moved says that the client comes for more bytes, be they in this memory or not.
func (a *Ahead) Moved(now time.Time) { a.moved.Store(&now) }

// Get returns an empty large chunk, nil when there is none to spare. It never
// waits. When downloads hold a quarter of the budget, each gets no more than an
// equal share of their half, and when they hold all of the half, those whose
// clients pause are asked to give up theirs.
func (a *Ahead) Get() *Chunk {
	p := a.pool
	for range 2 {
		p.mu.Lock()
		c, sleeper := p.spare(a)
		p.mu.Unlock()
		if c != nil {
			return c
		}
		if sleeper == nil || !p.reclaim(sleeper) {
			return nil
		}
	}
	return nil
}

// spare returns a chunk for a, or else who could give one up. p.mu must be held.
func (p *Pool) spare(a *Ahead) (c *Chunk, sleeper *Ahead) {
	limit := p.lease.Allowed()
	size, half := int64(p.sizes[Large]), limit/2
	if p.holders.waiting > 0 || !p.fits(Large, limit) {
		return nil, nil
	}
	now := time.Now()
	if p.readAhead.held+size > half/2 {
		sharers := int64(1)
		for other := range p.readAhead.holders {
			switch {
			case other == a:
			case now.Sub(*other.moved.Load()) < sleepTime:
				sharers++
			case sleeper == nil || other.held > sleeper.held:
				sleeper = other
			}
		}
		switch {
		case p.readAhead.held+size > half:
			return nil, sleeper
		case a.held > 0 && a.held+size > half/sharers:
			return nil, nil
		}
	}
	if a.held == 0 {
		if p.readAhead.holders == nil {
			p.readAhead.holders = map[*Ahead]struct{}{}
		}
		p.readAhead.holders[a] = struct{}{}
	}
	a.held += size
	p.readAhead.held += size
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
		size := int64(len(c.buf))
		a.held -= size
		p.readAhead.held -= size
		p.putBack(c)
	}
	if a.held == 0 {
		delete(p.readAhead.holders, a)
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
	var most *Ahead
	for a := range p.readAhead.holders {
		if !refused[a] && (most == nil || a.held > most.held) {
			most = a
		}
	}
	return most
}
