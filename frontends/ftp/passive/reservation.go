package passive

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// Lock order: Plane.mu, then the mutex of a fairshare.Resource. Plane.mu guards all
// fields of a Reservation, a peer and a port. Nothing that may wait is called under it.

// The reasons for which there is no connection.
var (
	// ErrBusy: no port became free for this client in time.
	ErrBusy = errors.New("passive: no port is free for this client")
	// ErrNotTaken: the client did not connect in time.
	ErrNotTaken = errors.New("passive: the client did not connect")
	// ErrMovedOn: the port has gone to the next session, no further connection
	// comes.
	ErrMovedOn = errors.New("passive: the port has gone to the next session")
	// ErrClosed: the reservation or the whole plane was closed.
	ErrClosed = errors.New("passive: closed")
)

const (
	// maxCandidates bounds the connections that wait for the session of one
	// reservation. The oldest is closed first: the client's own is not the one that
	// waits longest.
	maxCandidates = 16
	// linger is how long a port stays with a reservation that needs nothing more,
	// after trouble with the address.
	linger = 20 * time.Millisecond
	// resumeTime is what a client has left for its next command when its answer came
	// after the end of Patience.
	resumeTime = 2 * time.Second
)

// Reservation is the right of one session to one port: the next connection from the
// client's address to that port is this session's. Its methods may be called
// concurrently, but Accept by one goroutine at a time.
type Reservation struct {
	p     *Plane
	peer  *peer
	port  *port
	lease *fairshare.Lease // of the port
	owner fairshare.Holder

	// state changes in fire alone.
	state state
	keep  Keep
	// begun is when the time of the reservation began, due when that of the state
	// ends, and timer fires then.
	begun, due time.Time
	timer      *time.Timer

	// conns are the connections that came and were not accepted. err says why there
	// will be no more of them.
	conns []net.Conn
	err   error
	// wake has room for the news that conns or err changed.
	wake chan struct{}
	// connectedAt is when the first connection came.
	connectedAt time.Time
	// renewed is true when the client was told the port twice: a connection for the
	// first time may be taken for the second.
	renewed bool
	// released is true when the session needs the reservation no more. It may still
	// hold its port then, while it lingers.
	released bool

	// suspect is closed when the connection may be another session's.
	suspect     chan struct{}
	suspectOnce sync.Once
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

// fire changes the state by an event, and does what the new state demands. Plane.mu is
// held.
func (r *Reservation) fire(e event) {
	old, now := r.state, time.Now()
	r.state = old.next(e, facts{
		keep: r.keep, wanted: r.peer.wanted(), troubled: r.p.troubled(r.peer),
		pausable: now.Sub(r.begun) < 2*r.p.o.Patience, alive: now.Sub(r.begun) < r.p.o.Lifetime,
	})
	switch {
	case r.state == old && e == expire: // paused
		r.wait(2*r.p.o.Patience - now.Sub(r.begun))
	case r.state == old:
	case e == resume && now.Sub(r.begun) > r.p.o.Patience:
		r.wait(resumeTime)
	case r.state == stale || r.state == overdue:
		r.wait(r.p.o.Lifetime - now.Sub(r.begun))
	case r.state == lingering:
		r.wait(linger)
	case r.state == handedOn:
		r.end(ErrMovedOn)
		r.lease.Release() // the next session gets it
		r.p.forget(r.peer)
	case r.state == revoked:
		r.end(reason(old, e))
		r.p.revoked(r, old)
	case r.state == closed:
		r.end(ErrClosed)
		r.lease.Release()
	}
}

// reason is why a reservation is revoked, by what happened in which state.
func reason(s state, e event) error {
	switch {
	case e == release:
		return ErrClosed
	case s == connected:
		return ErrMovedOn
	default:
		return ErrNotTaken
	}
}

// wait lets the time of the state end after d.
func (r *Reservation) wait(d time.Duration) {
	r.due = time.Now().Add(d)
	r.timer.Reset(d)
}

// expired is called by the timer. One that was reset meanwhile calls again.
func (r *Reservation) expired() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.state.holdsPort() && !time.Now().Before(r.due) {
		r.fire(expire)
	}
}

// end takes the port away, and says that no further connection comes.
func (r *Reservation) end(err error) {
	r.timer.Stop()
	delete(r.peer.holder, r.port)
	if r.err == nil {
		r.err = err
	}
	r.notify()
}

func (r *Reservation) notify() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// take notes a connection. Plane.mu is held. It does not fire connect: whatever else has
// arrived at the port is looked at before the port may go on.
func (r *Reservation) take(c net.Conn) {
	if r.connectedAt.IsZero() {
		r.connectedAt = time.Now()
		r.peer.taken[r] = struct{}{}
		r.wait(r.p.o.Patience)
	} else {
		// Two connections for one reservation: nobody can tell by them alone which is
		// whose.
		r.peer.trouble = time.Now()
		r.doubt()
	}
	if len(r.conns) == maxCandidates {
		_ = r.conns[0].Close()
		r.conns = r.conns[1:]
	}
	r.conns = append(r.conns, c)
	r.notify()
}

// doubt makes the connection of the reservation suspect.
func (r *Reservation) doubt() {
	r.suspectOnce.Do(func() {
		r.p.metrics.Suspects.Add(1)
		close(r.suspect)
	})
}

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

// Keep says what becomes of the port when the command and a connection are both there.
type Keep uint8

// The ways to keep a port: until MoveOn is called, for at most Patience. All
// connections that come meanwhile are the reservation's.
const (
	// KeepNot lets the port go at once.
	KeepNot Keep = iota
	// KeepQuiet keeps it, but lets it go when others of the address wait for it
	// and no connection has come lately that nobody had reserved a port for.
	KeepQuiet
	// KeepAlways keeps it.
	KeepAlways
)

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

// drop closes what nobody accepts any more.
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
// also when one came a short while after it that nobody had reserved a port for.
func (r *Reservation) Suspect() <-chan struct{} { return r.suspect }

// Wary reports whether such evidence could come: a reservation of this port by this
// address ended without a connection a short while ago, or was made twice.
func (r *Reservation) Wary() bool {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	return r.renewed || r.p.isYoung() || r.peer.wary[r.port] != nil || r.peer.resting[r.port] != nil
}

// Strayed reports whether connections that nobody had reserved a port for came from this
// address a short while ago: whoever makes them may have taken this reservation, too. What has
// arrived at the port by now is looked at.
func (r *Reservation) Strayed() bool {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	_, _ = r.p.admit(r.port)
	return r.p.strayed.lately(r.peer.addr, r.p.o.Quarantine)
}

// Port is the local port that is reserved.
func (r *Reservation) Port() int { return r.port.number }
