package passive

import (
	"context"
	"net"
	"time"
)

// look takes note of what has arrived at the port, while the reservation holds it.
// Plane.mu is held.
func (r *Reservation) look() {
	if r.state.holdsPort() {
		// An error shows itself to the goroutine that serves the port, too.
		_, _ = r.p.admit(r.port)
	}
}

// change fires an event of the session.
func (r *Reservation) change(e event) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.state.holdsPort() {
		r.fire(e)
	}
}

// Pause says that the client waits for our answer to a command between PASV and its
// transfer. Patience does not end meanwhile, up to twice its length.
func (r *Reservation) Pause() { r.change(pause) }

// Resume says that the client has that answer.
func (r *Reservation) Resume() { r.change(resume) }

// Renew starts the time of the reservation again, for a client that asks twice. It
// reports whether no connection has come: a client that has connected and asks again
// needs another reservation.
func (r *Reservation) Renew() bool {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.look()
	if !r.state.awaitsConnection() {
		return false
	}
	r.renewed, r.begun = true, time.Now()
	r.wait(r.p.o.Patience)
	r.fire(renew)
	return true
}

// Claim says that the command for which the port was reserved has come.
func (r *Reservation) Claim(keep Keep) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	// Whatever the client did before it sent the command is known then.
	r.look()
	r.keep = keep
	if r.state.holdsPort() {
		r.fire(claim)
	}
}

// MoveOn lets the next session have the port that was kept.
func (r *Reservation) MoveOn() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.keep = KeepNot
	if r.state.holdsPort() {
		r.fire(found)
	}
}

// Accept returns the next connection that came for the reservation, and waits for it.
// The caller owns it. One goroutine at a time may call it.
func (r *Reservation) Accept(ctx context.Context) (net.Conn, error) {
	for {
		r.p.mu.Lock()
		if len(r.conns) > 0 {
			c := r.conns[0]
			r.conns = r.conns[1:]
			r.p.mu.Unlock()
			return c, nil
		}
		err := r.err
		r.p.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Release says that the session needs the reservation no more: its transfer has ended,
// or there is none. Connections that were not accepted are closed.
func (r *Reservation) Release() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.released {
		return
	}
	r.drop()
	if r.state.holdsPort() {
		r.fire(release)
	} else {
		r.p.forget(r.peer)
	}
}

// drop closes the connections that are not accepted any more.
func (r *Reservation) drop() {
	r.released = true
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
	delete(r.peer.taken, r)
}

// Suspect is closed when there is evidence that connections of this address
// and port reached the wrong sessions, or that more than one came for this reservation:
// also when one without a reservation came a short while after it.
func (r *Reservation) Suspect() <-chan struct{} { return r.suspect }

// Wary reports whether such evidence could come: a reservation of this port by this
// address ended without a connection a short while ago, or was made twice.
func (r *Reservation) Wary() bool {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	return r.renewed || r.p.isNew() || r.peer.wary[r.port] != nil || r.peer.resting[r.port] != nil
}

// Strayed reports whether connections without a reservation came from this address a short
// while ago: the client that makes them may have taken this reservation, too. What has
// arrived at the port by now is looked at.
func (r *Reservation) Strayed() bool {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	_, _ = r.p.admit(r.port)
	return r.p.strayed.lately(r.peer.addr, r.p.o.Quarantine)
}

// Port is the local port that is reserved.
func (r *Reservation) Port() int { return r.port.number }
