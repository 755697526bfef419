package passive

import (
	"context"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// peer is what one client address holds, or all that count as one. Plane.mu guards it.
type peer struct {
	addr netip.Addr
	// ports counts the ports that are held or rest for the address. Users behind one
	// address have fair shares of them, and a port rests on the account of the user
	// whose client did not connect.
	ports *fairshare.Resource
	// holder has the reservation that connections to a port belong to now.
	holder map[*port]*Reservation
	// resting are the ports in quarantine, wary those that were a short while ago: a
	// connection that finds no reservation there then is evidence that an earlier one
	// found the wrong one.
	resting map[*port]*time.Timer
	wary    map[*port]*time.Timer
	// taken are the reservations whose connections are in use.
	taken map[*Reservation]struct{}
	// trouble is when a connection last came without a reservation, or did not come
	// for one.
	trouble time.Time
}

// peerAt returns the peer of an address, and makes it when there is none. Plane.mu is
// held.
func (p *Plane) peerAt(addr netip.Addr) *peer {
	pe := p.peers[addr]
	if pe == nil {
		pe = &peer{
			addr: addr, ports: fairshare.NewResource("passive ports", int64(len(p.ports))),
			holder: map[*port]*Reservation{}, resting: map[*port]*time.Timer{},
			wary: map[*port]*time.Timer{}, taken: map[*Reservation]struct{}{},
		}
		p.peers[addr] = pe
	}
	return pe
}

// wanted reports whether sessions wait for a port.
func (pe *peer) wanted() bool { return pe.ports.Waiting() > 0 }

// Reserve reserves a port for a session of the owner whose client has the address addr.
// While the address holds all ports, it waits for at most MaxHold: ErrBusy then. late
// says that the session's client did not connect to the port before: it waits behind all
// others. An owner whose clients often do not connect waits until that is long ago, while
// other users of the address need ports.
func (p *Plane) Reserve(ctx context.Context, addr netip.Addr, owner fairshare.Holder, late bool) (*Reservation, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.o.MaxHold, ErrBusy)
	defer cancel()
	addr = p.o.PeerCheck.peerOf(addr)
	waited, err := p.awaitPenalty(ctx, addr, owner)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	if p.isClosed() {
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
	if p.isClosed() || port == nil {
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

// revoked lets the port of a reservation rest, since a connection for it may still be
// under way. The owner has the port for so long. Plane.mu is held.
func (p *Plane) revoked(r *Reservation, was state) {
	pe, port := r.peer, r.port
	if was.awaitsConnection() {
		p.metrics.Revoked.Add(1)
	}
	pe.trouble = time.Now()
	p.breaches.note(pe.addr, r.owner, p.o.Quarantine)
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
		r.lease.Release()
	})
}

// troubled reports whether more connections may come from the peer than ports were
// reserved for.
func (p *Plane) troubled(pe *peer) bool {
	return !pe.trouble.IsZero() && time.Since(pe.trouble) < 2*p.o.Quarantine || p.strayed.lately(pe.addr, p.o.Quarantine)
}

// stray takes note of a connection to port without a reservation. While the
// port rests it is the late one that the rest is for. Otherwise it may be one whose
// place another one took: the connections of the address on that port are suspect
// then. A session that can prove whose they are need not mind.
func (p *Plane) stray(addr netip.Addr, port *port) {
	p.metrics.Strays.Add(1)
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
	for r := range pe.taken {
		// A displaced connection comes soon after the one that took its place.
		if r.port == port && time.Since(r.connectedAt) < p.o.Patience {
			r.doubt()
		}
	}
}

// forget drops a peer of which nothing is left. Plane.mu is held.
func (p *Plane) forget(pe *peer) {
	unused := pe.ports.Held() == 0 && !pe.wanted()
	if unused && len(pe.wary)+len(pe.taken) == 0 && p.peers[pe.addr] == pe {
		delete(p.peers, pe.addr)
	}
}

// isYoung reports whether connections may still come that the process before this one
// reserved ports for.
func (p *Plane) isYoung() bool { return time.Since(p.begun) < p.o.MinAge }

// close ends everything of the peer.
func (pe *peer) close() {
	for _, r := range pe.holder {
		r.fire(shut)
	}
	for _, timers := range []map[*port]*time.Timer{pe.resting, pe.wary} {
		for _, t := range timers {
			t.Stop()
		}
	}
}
