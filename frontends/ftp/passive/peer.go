package passive

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// linger is how long a port stays with an offer that has all it waits for, after
// trouble with the address: a further connection shows itself here, and falls to
// nobody.
const linger = 20 * time.Millisecond

// peer is what one client address holds, or all that count as one. The Plane's mutex guards it.
type peer struct {
	addr netip.Addr
	// holder holds the offer that connections to a port belong to now.
	holder map[*port]*Offer
	// resting holds the ports in quarantine, wary those that were a short
	// while ago: a connection that finds no offer there then is evidence that
	// an earlier one found the wrong offer.
	resting map[*port]*time.Timer
	wary    map[*port]*time.Timer
	// taken holds the offers whose connections are in use.
	taken map[*Offer]struct{}
	// waiting is first come, first served, but for those who broke a promise:
	// they are behind all others.
	waiting []*waiter
	// trouble is when a connection last came that no promise was for, or one
	// that a promise was for did not come.
	trouble time.Time
}

func newPeer(addr netip.Addr) *peer {
	return &peer{
		addr: addr, holder: map[*port]*Offer{}, resting: map[*port]*time.Timer{},
		wary: map[*port]*time.Timer{}, taken: map[*Offer]struct{}{},
	}
}

type waiter struct {
	// ready yields the offer, or is closed when the plane is.
	ready chan *Offer
	tardy bool
}

// Offer promises a port to a session whose client has the address addr. While
// the address holds all ports, it waits for at most MaxHold: ErrBusy then. tardy
// says that the session let its last promise pass: it waits behind all others.
func (p *Plane) Offer(ctx context.Context, addr netip.Addr, tardy bool) (*Offer, error) {
	addr = p.o.PeerCheck.peerOf(addr)
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	pe := p.peers[addr]
	if pe == nil {
		pe = newPeer(addr)
		p.peers[addr] = pe
	}
	if len(pe.waiting) == 0 {
		if port := p.free(pe); port != nil {
			o := p.open(pe, port)
			p.mu.Unlock()
			return o, nil
		}
	}
	w := &waiter{make(chan *Offer, 1), tardy}
	pe.enqueue(w)
	p.counters.Held++
	p.makeRoom(pe)
	p.mu.Unlock()

	hold := time.NewTimer(p.o.MaxHold)
	defer hold.Stop()
	var err error
	select {
	case o, ok := <-w.ready:
		if !ok {
			return nil, ErrClosed
		}
		return o, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-hold.C:
		err = ErrBusy
	}
	p.leave(pe, w)
	return nil, err
}

func (pe *peer) enqueue(w *waiter) {
	at := len(pe.waiting)
	if !w.tardy {
		for at > 0 && pe.waiting[at-1].tardy {
			at--
		}
	}
	pe.waiting = slices.Insert(pe.waiting, at, w)
}

// leave ends a wait in vain.
func (p *Plane) leave(pe *peer, w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counters.Refused++
	pe.waiting = slices.DeleteFunc(pe.waiting, func(o *waiter) bool { return o == w })
	select {
	case o, ok := <-w.ready:
		if ok {
			// It came while we gave up. Nobody was told of it.
			delete(pe.holder, o.port)
			o.drop()
			p.next(pe)
		}
	default:
	}
	p.forget(pe)
}

// free returns a port that is neither held for the peer nor resting, and at which
// nothing waits to be looked at; nil when there is none.
func (p *Plane) free(pe *peer) *port {
	for i := 0; i < len(p.ports); i++ {
		port := p.ports[(p.turn+i)%len(p.ports)]
		if pe.holder[port] != nil || pe.resting[port] != nil {
			continue
		}
		// What has arrived by now came for others. An error shows itself to
		// the goroutine that serves the port, too.
		_, _ = p.admit(port)
		if pe.holder[port] == nil && pe.resting[port] == nil {
			p.turn += i + 1
			return port
		}
	}
	return nil
}

func (p *Plane) open(pe *peer, port *port) *Offer {
	o := &Offer{
		p: p, peer: pe, port: port, begun: time.Now(),
		wake: make(chan struct{}, 1), suspect: make(chan struct{}),
	}
	pe.holder[port] = o
	p.counters.Offers++
	o.timer = time.AfterFunc(p.o.Patience, o.expire)
	return o
}

// makeRoom looks for a port for one who waits: one that is only kept, or one whose
// offer is open for too long.
func (p *Plane) makeRoom(pe *peer) {
	for _, o := range pe.holder {
		if o.keep == KeepQuiet && o.complete() && !o.lingered {
			o.moveOn()
			return
		}
	}
	for _, o := range pe.holder {
		if o.stale {
			p.revoke(o, ErrNotTaken)
			return
		}
	}
}

// revoke ends an offer without a connection. The port rests, since the
// connection may still be under way.
func (p *Plane) revoke(o *Offer, err error) {
	delete(o.peer.holder, o.port)
	p.counters.Revoked++
	o.end(err)
	p.rest(o.peer, o.port)
}

// rest keeps a port from the peer for a while.
func (p *Plane) rest(pe *peer, port *port) {
	pe.trouble = time.Now()
	if t := pe.wary[port]; t != nil {
		t.Stop()
		delete(pe.wary, port)
	}
	pe.resting[port] = time.AfterFunc(p.o.Quarantine, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(pe.resting, port)
		pe.wary[port] = time.AfterFunc(p.o.Quarantine, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(pe.wary, port)
			p.forget(pe)
		})
		p.next(pe)
	})
}

// troubled reports whether more connections than were promised may come from the
// peer.
func (p *Plane) troubled(pe *peer) bool {
	return !pe.trouble.IsZero() && time.Since(pe.trouble) < 2*p.o.Quarantine || p.strayed.lately(pe.addr, p.o.Quarantine)
}

// stray takes note of a connection to port that no offer waits for. While the
// port rests it is the late one that the rest is for. Otherwise it may be one whose
// place another one took: the connections of the address on that port are suspect
// then. Who can prove whose they are need not mind.
func (p *Plane) stray(addr netip.Addr, port *port) {
	p.counters.Strays++
	pe := p.peers[addr]
	if pe != nil {
		pe.trouble = time.Now()
		if pe.resting[port] != nil {
			return
		}
	}
	p.strayed.note(addr, p.o.Quarantine)
	if pe == nil {
		return
	}
	for o := range pe.taken {
		// A displaced connection comes soon after the one that took its place.
		if o.port == port && time.Since(o.taken) < p.o.Patience {
			o.doubt()
		}
	}
}

// next serves those who wait for the peer's ports.
func (p *Plane) next(pe *peer) {
	for len(pe.waiting) > 0 && !p.closed {
		port := p.free(pe)
		// Whoever was let go by looking at the port has served its successor.
		if port == nil || len(pe.waiting) == 0 {
			break
		}
		w := pe.waiting[0]
		pe.waiting = pe.waiting[1:]
		w.ready <- p.open(pe, port)
	}
	p.forget(pe)
}

func (p *Plane) forget(pe *peer) {
	if len(pe.holder)+len(pe.resting)+len(pe.wary)+len(pe.taken)+len(pe.waiting) == 0 && p.peers[pe.addr] == pe {
		delete(p.peers, pe.addr)
	}
}

// young reports whether promises of the process before this one may still be
// taken.
func (p *Plane) young() bool { return time.Since(p.begun) < p.o.Youth }

// close ends everything of the peer.
func (pe *peer) close() {
	for _, o := range pe.holder {
		o.end(ErrClosed)
	}
	clear(pe.holder)
	for _, w := range pe.waiting {
		close(w.ready)
	}
	for _, timers := range []map[*port]*time.Timer{pe.resting, pe.wary} {
		for _, t := range timers {
			t.Stop()
		}
	}
}
