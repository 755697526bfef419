package passive

import (
	"context"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// Reserve reserves a port for a session of the owner whose client has the address addr.
// While the address holds all ports, it waits for at most MaxHold: ErrBusy then. late
// says that the session's client did not connect to the port before: it waits behind all
// others. An owner whose clients often do not connect waits until that is long ago, while
// other users of the address need ports.
func (p *Plane) Reserve(ctx context.Context, addr netip.Addr, owner fairshare.Holder, late bool) (*Reservation, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.o.MaxHold, ErrBusy)
	defer cancel()
	select {
	case <-p.use.Free:
	case <-p.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	addr = p.o.PeerCheck.peerOf(addr)
	p.metrics.Waiting.Add(1)
	defer p.metrics.Waiting.Add(-1)
	waited, err := p.awaitPenalty(ctx, addr, owner)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	if p.isClosed() || p.handing {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	pe := p.peerAt(addr)
	request := pe.ports.Request
	if late {
		request = pe.ports.RequestLast
	}
	pending := request(owner, 1)
	if pending.Lease() == nil {
		waited = true
		p.makeRoom(pe)
	}
	if waited {
		p.metrics.Waited.Add(1)
	}
	p.mu.Unlock()
	select {
	case <-pending.Granted():
		return p.granted(pe, owner, pending.Lease())
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-p.closed:
		err = ErrClosed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pending.Withdraw()
	p.metrics.Refused.Add(1)
	p.forget(pe)
	return nil, err
}

// awaitPenalty waits until an owner may reserve a port again whose clients have too often
// not connected.
func (p *Plane) awaitPenalty(ctx context.Context, addr netip.Addr, owner fairshare.Holder) (waited bool, err error) {
	for {
		p.mu.Lock()
		wait := p.breaches.request(addr, owner, p.o.Quarantine, len(p.ports))
		p.mu.Unlock()
		if wait <= 0 {
			return waited, nil
		}
		waited = true
		over := time.NewTimer(wait)
		select {
		case <-over.C:
			continue
		case <-p.closed:
			err = ErrClosed
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		over.Stop()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.metrics.Refused.Add(1)
		return waited, err
	}
}

// granted makes the reservation of one of the ports that the lease is for.
func (p *Plane) granted(pe *peer, owner fairshare.Holder, lease *fairshare.Lease) (*Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	port := p.free(pe)
	if p.isClosed() || p.handing || port == nil {
		lease.Release()
		return nil, ErrClosed
	}
	return p.reserve(pe, port, owner, lease), nil
}

// free returns a port that is neither held for the peer nor resting. There is one for
// each lease. What has arrived at it by now came for others. Plane.mu is held.
func (p *Plane) free(pe *peer) *port {
	for i := range p.ports {
		port := p.ports[(p.turn+i)%len(p.ports)]
		if pe.holder[port] == nil && pe.resting[port] == nil {
			_, _ = p.admit(port) // an error shows itself to the goroutine that serves the port, too
			p.turn += i + 1
			return port
		}
	}
	return nil
}

// reserve makes the reservation of a port that is free for the peer. Plane.mu is held.
func (p *Plane) reserve(pe *peer, port *port, owner fairshare.Holder, lease *fairshare.Lease) *Reservation {
	r := &Reservation{
		p: p, peer: pe, port: port, owner: owner, lease: lease, begun: time.Now(),
		wake: make(chan struct{}, 1), suspect: make(chan struct{}),
	}
	pe.holder[port] = r
	p.metrics.Reservations.Add(1)
	r.timer = time.AfterFunc(p.o.Patience, r.expired)
	r.due = r.begun.Add(p.o.Patience)
	return r
}

// makeRoom looks for a port for a session that waits: one that is only kept, or one whose
// reservation is open for too long. Plane.mu is held.
func (p *Plane) makeRoom(pe *peer) {
	for _, only := range []func(state) bool{
		func(s state) bool { return s == kept },
		func(s state) bool { return s == stale || s == overdue },
	} {
		for _, r := range pe.holder {
			if only(r.state) {
				if r.fire(want); !r.state.holdsPort() {
					return
				}
			}
		}
	}
}
