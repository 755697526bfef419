package passive

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// The reasons for which there is no connection.
var (
	// ErrBusy: no port became free for this client in time.
	ErrBusy = errors.New("passive: no port is free for this client")
	// ErrNotTaken: the client did not connect in time.
	ErrNotTaken = errors.New("passive: the client did not connect")
	// ErrMovedOn: the port has gone to the next session, no further connection
	// comes.
	ErrMovedOn = errors.New("passive: the port has gone to the next session")
	// ErrClosed: the offer or the whole plane was closed.
	ErrClosed = errors.New("passive: closed")
)

// maxCandidates bounds the connections that wait for one offer's session. The
// oldest goes first: the client's own is not the one that waits longest.
const maxCandidates = 16

// Offer is the promise of one port to one session: the next connection from the
// client's address to that port is this session's. The Plane's mutex guards it.
type Offer struct {
	p    *Plane
	peer *peer
	port *port

	// conns are the connections that came and were not accepted, came counts
	// all. err says why there will be no more of them.
	conns []net.Conn
	came  int
	err   error
	// wake has room for the news that conns or err changed.
	wake chan struct{}

	// stale is set when the offer has been open for longer than Patience.
	stale bool
	// paused is true while the client waits for us.
	paused bool
	// claimed is true when the command that the promise is for has come. keep says
	// how long the port stays then.
	claimed bool
	keep    Keep
	// lingered is true when the port has stayed for the extra moment.
	lingered bool
	// released is true when the transfer has ended.
	released bool
	// renewed is true when the promise was made twice: a connection for the
	// first time may be taken for the second.
	renewed bool
	begun   time.Time
	// taken is when the first connection came.
	taken time.Time
	timer *time.Timer

	// suspect is closed when the connection may be another session's.
	suspect     chan struct{}
	suspectOnce sync.Once
}

// holds reports whether connections to the port are this offer's.
func (o *Offer) holds() bool { return o.peer.holder[o.port] == o }

// complete reports whether the offer needs its port no longer.
func (o *Offer) complete() bool {
	if !o.holds() || o.came == 0 || !o.claimed {
		return false
	}
	switch o.keep {
	case KeepAlways:
		return false
	case KeepQuiet:
		return len(o.peer.waiting) > 0 && !o.p.troubled(o.peer)
	default:
		return true
	}
}

// expire runs when the offer has been open for Patience, and again at the end
// of its Lifetime.
func (o *Offer) expire() {
	p := o.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if !o.holds() || o.came > 0 {
		return
	}
	if left := 2*p.o.Patience - time.Since(o.begun); left > 0 && o.paused && !o.claimed {
		o.timer.Reset(left)
		return
	}
	if left := p.o.Lifetime - time.Since(o.begun); left > 0 && len(o.peer.waiting) == 0 {
		o.stale = true
		o.timer.Reset(left)
		return
	}
	p.revoke(o, ErrNotTaken)
}

// Pause says that the client waits for us: for the answer to a command that came
// between the promise and the one that it is for, as PHP's come. Patience does not end
// meanwhile, up to twice its length.
func (o *Offer) Pause() { o.pause(true) }

// Resume is the reverse of Pause.
func (o *Offer) Resume() { o.pause(false) }

func (o *Offer) pause(is bool) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	late := time.Since(o.begun) > o.p.o.Patience
	if o.paused && !is && late && !o.stale && !o.claimed && o.holds() && o.came == 0 {
		o.timer.Reset(resumeTime)
	}
	o.paused = is
}

// resumeTime is what a client has left for its next command when its answer came after
// the end of Patience.
const resumeTime = 2 * time.Second

// take notes a connection.
func (o *Offer) take(c net.Conn) {
	if o.came++; o.came == 1 {
		o.timer.Stop()
		o.stale, o.taken = false, time.Now()
		o.peer.taken[o] = struct{}{}
		o.timer = time.AfterFunc(o.p.o.Patience, o.lapse)
	} else {
		// Two connections for one promise: nobody can tell by them alone
		// which is whose.
		o.peer.trouble = time.Now()
		o.doubt()
	}
	if len(o.conns) == maxCandidates {
		_ = o.conns[0].Close()
		o.conns = o.conns[1:]
	}
	o.conns = append(o.conns, c)
	o.notify()
}

func (o *Offer) notify() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// lapse takes the port from an offer whose command does not come: that client may
// have more connections under way, so the port rests. A session that keeps the port
// and has not found its own connection by now loses it as well; it tells others'
// connections from its own, so there is nothing to wait for.
func (o *Offer) lapse() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	switch {
	case !o.holds():
	case o.keep != KeepNot:
		o.moveOn()
	case !o.claimed:
		delete(o.peer.holder, o.port)
		o.end(ErrMovedOn)
		o.p.rest(o.peer, o.port)
	}
}

// Keep says what becomes of the port when an offer's command and a connection are
// both there.
type Keep uint8

// The ways to keep a port: until MoveOn is called, for at most Patience. All
// connections that come meanwhile are the offer's.
const (
	// KeepNot lets the port go at once.
	KeepNot Keep = iota
	// KeepQuiet keeps it, but lets it go when others of the address wait for it
	// and no connection has come lately that was not promised.
	KeepQuiet
	// KeepAlways keeps it.
	KeepAlways
)

// Claim says that the command for which the port was promised has come.
func (o *Offer) Claim(keep Keep) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	if o.holds() {
		// Whatever the client did before it sent the command is known then.
		_, _ = o.p.admit(o.port)
	}
	o.claimed, o.keep = true, keep
	if o.complete() {
		o.moveOn()
	}
}

// MoveOn lets the next session have the port that was kept.
func (o *Offer) MoveOn() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.keep = KeepNot
	if o.holds() && o.came > 0 {
		o.moveOn()
	}
}

// moveOn gives the port to the next session, after the extra moment where the
// address has been in trouble.
func (o *Offer) moveOn() {
	o.timer.Stop()
	if !o.lingered && o.p.troubled(o.peer) {
		o.lingered = true
		o.timer = time.AfterFunc(linger, func() {
			o.p.mu.Lock()
			defer o.p.mu.Unlock()
			if o.holds() {
				o.moveOn()
			}
		})
		return
	}
	delete(o.peer.holder, o.port)
	o.end(ErrMovedOn)
	o.p.next(o.peer)
}

// end says that no further connection comes.
func (o *Offer) end(err error) {
	o.timer.Stop()
	if o.err == nil {
		o.err = err
	}
	o.notify()
}

// doubt makes the connection of the offer suspect.
func (o *Offer) doubt() {
	o.suspectOnce.Do(func() {
		o.p.counters.Suspects++
		close(o.suspect)
	})
}

// Suspect is closed when there is evidence that connections of this address
// and port reached the wrong sessions, or that more than one came for this offer:
// also when one came a short while after it, for which there was no offer.
func (o *Offer) Suspect() <-chan struct{} { return o.suspect }

// Wary reports whether such evidence could come: a promise of this port to this
// address was broken a short while ago, or made twice.
func (o *Offer) Wary() bool {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	return o.renewed || o.p.young() || o.peer.wary[o.port] != nil || o.peer.resting[o.port] != nil
}

// Strayed reports whether connections that were not promised came from this address
// a short while ago: whoever makes them may have taken this offer, too. What has arrived
// at the port by now is looked at.
func (o *Offer) Strayed() bool {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	_, _ = o.p.admit(o.port)
	return o.p.strayed.lately(o.peer.addr, o.p.o.Quarantine)
}

// Port is the local port that was promised.
func (o *Offer) Port() int { return o.port.number }

// Renew starts the offer's time again, for a client that asks twice. It reports
// whether the offer is still open: a client that has connected and thought better
// of it needs another one.
func (o *Offer) Renew() bool {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	if o.holds() {
		_, _ = o.p.admit(o.port)
	}
	if !o.holds() || o.came > 0 {
		return false
	}
	o.stale, o.renewed = false, true
	o.begun = time.Now()
	o.timer.Reset(o.p.o.Patience)
	return true
}

// Accept returns the next connection that came for the offer, and waits for it.
// The caller owns it. One goroutine at a time may call it.
func (o *Offer) Accept(ctx context.Context) (net.Conn, error) {
	for {
		o.p.mu.Lock()
		if len(o.conns) > 0 {
			c := o.conns[0]
			o.conns = o.conns[1:]
			o.p.mu.Unlock()
			return c, nil
		}
		err := o.err
		o.p.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Release says that the session is done with the offer: its transfer has ended,
// or the promise is withdrawn. Connections that were not accepted are closed.
func (o *Offer) Release() {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	if o.released {
		return
	}
	o.drop()
	switch {
	case !o.holds():
		o.p.forget(o.peer)
	case o.came == 0:
		o.p.revoke(o, ErrClosed)
	case !o.lingered:
		o.moveOn()
	}
}

// drop closes what nobody accepts any more.
func (o *Offer) drop() {
	o.released = true
	for _, c := range o.conns {
		_ = c.Close()
	}
	o.conns = nil
	delete(o.peer.taken, o)
	if !o.holds() {
		o.end(ErrClosed)
	}
}
