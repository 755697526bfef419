package passive

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// The reasons for which there is no connection.
var (
	// ErrBusy: no port became free for this client in time.
	ErrBusy = errors.New("passive: no port is free for this client")
	// ErrNotTaken: the client did not connect in time.
	ErrNotTaken = errors.New("passive: the client did not connect")
	// ErrClosed: the offer or the whole plane was closed.
	ErrClosed = errors.New("passive: closed")
)

// renewDelay is how long a connection may lie in a port's queue.
const renewDelay = 50 * time.Millisecond

// peer is what one client address holds. The Plane's mutex guards it.
type peer struct {
	open map[int]*Offer
	// settling holds the offers whose connection is there, and whose command
	// is not: a second connection for one promise shows itself here, before it
	// can take the next session's place.
	settling map[int]*Offer
	// resting holds the ports in quarantine, wary those that were a short
	// while ago: a connection that finds no offer there then is evidence that
	// an earlier one found the wrong offer.
	resting map[int]*time.Timer
	wary    map[int]*time.Timer
	// taken holds the offers whose connections are in use.
	taken map[*Offer]struct{}
	// waiting is first come, first served.
	waiting []*waiter
}

type waiter struct {
	// ready yields the offer, or is closed when the plane is.
	ready chan *Offer
}

// Offer is the promise of one port to one session: the next connection from
// the client's address to that port is this session's.
type Offer struct {
	p    *Plane
	addr netip.Addr
	port int
	// once guards done, conn and err.
	once sync.Once
	done chan struct{}
	conn net.Conn
	err  error
	// stale is set when the offer has been open for longer than Patience. The
	// Plane's mutex guards it and the timer.
	stale bool
	// taken is when the connection came.
	taken time.Time
	// claimed is true when the command that the promise is for has come.
	claimed bool
	// renewed is true when the promise was made twice: a connection for the
	// first time may be taken for the second.
	renewed bool
	timer   *time.Timer
	begun   time.Time
	// suspect is closed when the connection may be another session's.
	suspect     chan struct{}
	suspectOnce sync.Once
}

// Offer promises a port to a session whose client has the address addr. While
// the address holds all ports, it waits for at most MaxHold: ErrBusy then.
func (p *Plane) Offer(ctx context.Context, addr netip.Addr) (*Offer, error) {
	addr = addr.Unmap()
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	pe := p.peers[addr]
	if pe == nil {
		pe = &peer{
			open: map[int]*Offer{}, settling: map[int]*Offer{}, resting: map[int]*time.Timer{}, wary: map[int]*time.Timer{}, taken: map[*Offer]struct{}{},
		}
		p.peers[addr] = pe
	}
	if len(pe.waiting) == 0 {
		if port, ok := p.free(pe); ok {
			o := p.open(pe, addr, port)
			p.mu.Unlock()
			return o, nil
		}
	}
	w := &waiter{ready: make(chan *Offer, 1)}
	pe.waiting = append(pe.waiting, w)
	p.revokeStale(pe)
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
		err = ctx.Err()
	case <-hold.C:
		err = ErrBusy
	}
	p.mu.Lock()
	pe.waiting = slices.DeleteFunc(pe.waiting, func(o *waiter) bool { return o == w })
	p.forget(addr, pe)
	p.mu.Unlock()
	select {
	case o, ok := <-w.ready:
		if ok {
			// It came while we gave up.
			o.Close()
		}
	default:
	}
	return nil, err
}

// free returns a port that is neither offered to the peer nor resting.
func (p *Plane) free(pe *peer) (int, bool) {
	for i := range p.ports {
		port := p.ports[(p.turn+i)%len(p.ports)]
		if pe.open[port] == nil && pe.settling[port] == nil && pe.resting[port] == nil {
			p.turn += i + 1
			return port, true
		}
	}
	return 0, false
}

func (p *Plane) open(pe *peer, addr netip.Addr, port int) *Offer {
	o := &Offer{p: p, addr: addr, port: port, done: make(chan struct{}), begun: time.Now(), suspect: make(chan struct{})}
	pe.open[port] = o
	o.timer = time.AfterFunc(p.o.Patience, o.expire)
	return o
}

// expire runs when the offer has been open for Patience, and again at the end
// of its Lifetime.
func (o *Offer) expire() {
	p := o.p
	p.mu.Lock()
	defer p.mu.Unlock()
	pe := p.peers[o.addr]
	if pe == nil || pe.open[o.port] != o {
		return
	}
	if left := p.o.Lifetime - time.Since(o.begun); left > 0 && len(pe.waiting) == 0 {
		o.stale = true
		o.timer.Reset(left)
		return
	}
	p.revoke(pe, o, ErrNotTaken)
}

// revokeStale makes room for one who waits.
func (p *Plane) revokeStale(pe *peer) {
	for _, o := range pe.open {
		if o.stale {
			p.revoke(pe, o, ErrNotTaken)
			return
		}
	}
}

// revoke ends an open offer without a connection. The port rests, since the
// connection may still be under way.
func (p *Plane) revoke(pe *peer, o *Offer, err error) {
	delete(pe.open, o.port)
	o.end(err)
	p.rest(pe, o.addr, o.port)
}

// rest keeps a port from the peer for a while.
func (p *Plane) rest(pe *peer, addr netip.Addr, port int) {
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
			p.forget(addr, pe)
		})
		p.next(addr, pe)
	})
}

// stray takes note of a connection from addr to port that no offer waits for.
// While the port rests it is the late one that the rest is for. Soon after, it
// may be one whose place a later one took: all connections of the address on
// that port are suspect then.
func (p *Plane) stray(pe *peer, port int) {
	p.strays.Add(1)
	if pe == nil {
		return
	}
	for o := range pe.taken {
		// Two connections for one promise: nobody can tell which is whose.
		second := pe.settling[port] == o
		// A displaced connection comes soon after the one that took its place.
		displaced := pe.resting[port] == nil && time.Since(o.taken) < p.o.Patience &&
			(o.renewed || pe.wary[port] != nil || p.young())
		if o.port == port && (second || displaced) {
			o.doubt()
		}
	}
}

// next serves those who wait for the peer's ports.
func (p *Plane) next(addr netip.Addr, pe *peer) {
	for len(pe.waiting) > 0 && !p.closed {
		port, ok := p.free(pe)
		if !ok {
			return
		}
		w := pe.waiting[0]
		pe.waiting = pe.waiting[1:]
		w.ready <- p.open(pe, addr, port)
	}
	p.forget(addr, pe)
}

func (p *Plane) forget(addr netip.Addr, pe *peer) {
	if len(pe.open)+len(pe.settling)+len(pe.resting)+len(pe.wary)+len(pe.taken)+len(pe.waiting) == 0 && p.peers[addr] == pe {
		delete(p.peers, addr)
	}
}

// take gives the offer its connection, and the port to the next who waits when
// the command has come as well. The Plane's mutex is held.
func (o *Offer) take(c net.Conn) {
	o.timer.Stop()
	o.once.Do(func() {
		o.conn = c
		close(o.done)
	})
	pe := o.p.peers[o.addr]
	delete(pe.open, o.port)
	pe.taken[o] = struct{}{}
	o.taken = time.Now()
	if o.claimed {
		o.p.next(o.addr, pe)
		return
	}
	pe.settling[o.port] = o
	o.timer = time.AfterFunc(o.p.o.Patience, o.lapse)
}

// lapse ends the settling of an offer whose command does not come. Whoever takes
// so long may have more connections under way: the port rests.
func (o *Offer) lapse() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	if pe := o.p.peers[o.addr]; pe != nil && pe.settling[o.port] == o {
		delete(pe.settling, o.port)
		o.p.rest(pe, o.addr, o.port)
	}
}

// Claim says that the command for which the port was promised has come.
func (o *Offer) Claim() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.claimed = true
	o.settle()
}

// settle lets the next session have the port of an offer that is settling.
func (o *Offer) settle() {
	pe := o.p.peers[o.addr]
	if pe == nil || pe.settling[o.port] != o {
		return
	}
	o.timer.Stop()
	delete(pe.settling, o.port)
	o.p.next(o.addr, pe)
}

// doubt makes the connection of the offer suspect.
func (o *Offer) doubt() {
	o.suspectOnce.Do(func() {
		o.p.suspects.Add(1)
		close(o.suspect)
	})
}

// young reports whether promises of the process before this one may still be
// taken.
func (p *Plane) young() bool { return time.Since(p.begun) < p.o.Youth }

// Release says that the transfer on the offer's connection has ended.
func (o *Offer) Release() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	if pe := o.p.peers[o.addr]; pe != nil {
		o.settle()
		delete(pe.taken, o)
		o.p.forget(o.addr, pe)
	}
}

// Suspect is closed when there is evidence that connections of this address
// and port reached the wrong sessions.
func (o *Offer) Suspect() <-chan struct{} { return o.suspect }

// Wary reports whether such evidence could come: a promise of this port to this
// address was broken a short while ago, or made twice.
func (o *Offer) Wary() bool {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	pe := o.p.peers[o.addr]
	return o.renewed || o.p.young() || pe != nil && (pe.wary[o.port] != nil || pe.resting[o.port] != nil)
}

func (o *Offer) end(err error) {
	o.timer.Stop()
	o.once.Do(func() {
		o.err = err
		close(o.done)
	})
}

// Port is the local port that was promised.
func (o *Offer) Port() int { return o.port }

// Renew starts the offer's time again, for a client that asks twice. It
// reports whether the offer is still open. A client that connected the first
// time and thought better of it may have its connection in the port's queue: so
// Renew waits a little for that.
func (o *Offer) Renew() bool {
	late := time.NewTimer(renewDelay)
	defer late.Stop()
	select {
	case <-o.done:
		return false
	case <-late.C:
	}
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	pe := o.p.peers[o.addr]
	if pe == nil || pe.open[o.port] != o {
		return false
	}
	o.stale, o.renewed = false, true
	o.begun = time.Now()
	o.timer.Reset(o.p.o.Patience)
	return true
}

// Accept returns the connection once it is there. The caller owns it.
func (o *Offer) Accept(ctx context.Context) (net.Conn, error) {
	select {
	case <-o.done:
		return o.conn, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close withdraws the offer, and closes the connection when one came. Only for
// offers whose connection was not accepted.
func (o *Offer) Close() {
	o.p.mu.Lock()
	pe := o.p.peers[o.addr]
	if pe != nil && pe.open[o.port] == o {
		o.p.revoke(pe, o, ErrClosed)
	}
	if pe != nil {
		o.settle()
		delete(pe.taken, o)
		o.p.forget(o.addr, pe)
	}
	o.p.mu.Unlock()
	select {
	case <-o.done:
		if o.conn != nil {
			_ = o.conn.Close()
		}
	default:
	}
}
