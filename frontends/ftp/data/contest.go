package data

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/memory/buffers"
)

const (
	// proofWait is how long a further connection may take when all that came
	// for a reservation have failed, or are not known to be the session's own:
	// nearly all clients connect before they send the command. Where four round trips
	// take longer it is that, up to mostProofWait: to connect behind the 150 and to
	// resume a TLS session takes three.
	proofWait     = 250 * time.Millisecond
	mostProofWait = 2 * time.Second
	// maxHandshakes bounds the connections of one reservation that are examined
	// at once. The oldest gives way: the client's own is not the one that
	// says nothing for longest.
	maxHandshakes = 16
)

// candidate is a connection that came for a reservation, once its handshake is over.
type candidate struct {
	watched *watchedConn
	below   *buffers.Conn // over watched
	conn    *tls.Conn     // over below
	// proven is true when it showed this session's own ticket, known when it showed
	// that of another session of the same user.
	proven, known bool
	err           error
}

// secured finds the session's own among the connections that came for its
// reservation, and runs their handshakes beside each other: one that proves itself by
// a ticket of this session wins. Where it came from has decided which sessions a
// connection may be for; a ticket alone never does.
func (b *binding) secured() (opened, error) {
	ctx, cancel := context.WithCancel(b.ctx)
	match := &contest{d: b, ctx: ctx, arrivals: make(chan arrival), results: make(chan candidate)}
	winner, err := match.run()
	cancel()
	if b.keep() != passive.KeepNot {
		b.from.MoveOn()
	}
	match.wg.Wait()
	if err != nil {
		return opened{}, err
	}
	return opened{conn: winner.conn, below: winner.below, watched: winner.watched, proven: winner.proven}, nil
}

type arrival struct {
	conn net.Conn
	err  error
}

// contest is the choice among the connections of one reservation.
type contest struct {
	d        *binding
	ctx      context.Context // its end ends everything but the winner
	wg       sync.WaitGroup
	arrivals chan arrival
	results  chan candidate

	// running are the connections that are examined, the oldest first.
	running []net.Conn
	// over is true when no further connection comes, or is waited for.
	over bool
	// fallback is not proven, and nothing speaks against it.
	fallback *candidate
	// failure is why the last one was no winner.
	failure error
}

// run returns the winner, or why there is none.
func (c *contest) run() (candidate, error) {
	c.wg.Go(c.accept)
	wait := time.NewTimer(time.Hour)
	defer wait.Stop()
	// waiting is true while the time runs for which the fallback waits: further
	// connections do not prolong it.
	waiting := false
	for {
		switch {
		case c.fallback != nil && c.settled():
			return c.takeFallback()
		case c.over && len(c.running) == 0:
			return candidate{}, c.failure
		}
		select {
		case a := <-c.arrivals:
			c.arrived(a)
		case r := <-c.results:
			c.examined(r)
			if r.proven {
				c.dismiss()
				return r, nil
			}
			if !waiting {
				waiting = c.fallback != nil
				wait.Reset(c.d.proofWait())
			}
		case <-wait.C:
			switch {
			case c.fallback == nil:
				c.over = c.over || len(c.running) == 0
			case c.mayTakeFallback():
				return c.takeFallback()
			default:
				// Another program: the session's own connection may still come.
				c.dismiss()
				wait.Reset(c.d.proofWait())
			}
			waiting = false
		case <-c.ctx.Done():
			c.dismiss()
			return candidate{}, c.ended()
		}
	}
}

func (c *contest) arrived(a arrival) {
	if a.err == nil {
		c.examine(a.conn)
		return
	}
	c.over = true
	if c.failure == nil {
		c.failure = c.d.notOpened(a.err)
	}
}

func (c *contest) examined(r candidate) {
	c.running = slices.DeleteFunc(c.running, func(raw net.Conn) bool { return raw == r.watched.Conn })
	switch {
	case r.err != nil:
		c.failure = r.err
	case r.proven:
	case c.fallback == nil:
		c.fallback = &r
	case r.known && !c.fallback.known:
		_ = c.fallback.below.Close()
		c.fallback = &r
	default:
		_ = r.below.Close()
	}
}

// settled reports whether nothing better than the fallback is to be waited for: no
// other connection is under examination, and none comes that could prove itself.
func (c *contest) settled() bool {
	return len(c.running) == 0 && (c.fallback.known || c.over || c.d.needs == anyone)
}

// mayTakeFallback reports whether a connection will do that has proved nothing. What the
// client's last connection showed may have become known only now.
func (c *contest) mayTakeFallback() bool {
	return c.fallback.known || c.d.needs == anyone || c.d.s.needed() != proofNeeded
}

func (b *binding) proofWait() time.Duration {
	trip, _ := b.s.control.RoundTrip()
	return max(proofWait, min(4*trip.Least, mostProofWait))
}

// takeFallback makes the fallback the winner, if it may be.
func (c *contest) takeFallback() (candidate, error) {
	if !c.mayTakeFallback() {
		c.dismiss()
		return candidate{}, c.failure
	}
	if c.d.needs != anyone && !c.fallback.known && !c.over {
		c.d.log.Debug("data connection without a TLS ticket is taken, no other came", "waited", c.d.proofWait())
		c.d.s.resumption.missed()
	}
	return *c.fallback, nil
}

// dismiss closes the connection that might have been the winner.
func (c *contest) dismiss() {
	if c.fallback == nil {
		return
	}
	_ = c.fallback.below.Close()
	c.fallback = nil
	c.failure = &Error{425, "Data connection does not belong to this session", errUnproven}
}

// ended is why the context's end leaves no winner.
func (c *contest) ended() error {
	if len(c.running) > 0 {
		return &Error{425, "TLS handshake failed on the data connection", c.ctx.Err()}
	}
	if c.failure != nil {
		return c.failure
	}
	return c.d.notOpened(c.ctx.Err())
}

// accept brings what comes for the reservation until nothing does any more.
func (c *contest) accept() {
	for {
		conn, err := c.d.from.Accept(c.ctx)
		select {
		case c.arrivals <- arrival{conn, err}:
		case <-c.ctx.Done():
			if conn != nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil {
			return
		}
	}
}

// examine runs the handshake of one connection.
func (c *contest) examine(raw net.Conn) {
	if len(c.running) == maxHandshakes {
		_ = c.running[0].Close() // its handshake fails, and is taken off then
	}
	c.running = append(c.running, raw)
	c.wg.Go(func() {
		r := c.d.handshake(c.ctx, watch(raw))
		if r.err != nil {
			_ = r.below.Close()
		}
		select {
		case c.results <- r:
		case <-c.ctx.Done():
			_ = r.below.Close()
		}
	})
}

// handshake runs the handshake and checks whose ticket the client showed.
func (b *binding) handshake(ctx context.Context, raw *watchedConn) candidate {
	var shown *tag
	r := candidate{watched: raw, below: buffers.Under(raw, b.s.shared.buffers)}
	r.conn = tls.Server(r.below, b.s.tickets().data(func(t tag) { shown = &t }, b.givesTicket()))
	if err := r.conn.HandshakeContext(ctx); err != nil {
		if shown != nil && *shown == b.s.tag {
			b.s.resumption.forgotten()
		}
		r.err = &Error{425, "TLS handshake failed on the data connection", err}
		return r
	}
	if !r.conn.ConnectionState().DidResume {
		shown = nil
	}
	var err error
	if r.known, err = b.recognize(shown); err != nil {
		_ = r.conn.Close()
		r.err = &Error{425, "Data connection does not belong to this session", err}
		return r
	}
	if r.proven = shown != nil && *shown == b.s.tag; r.proven {
		b.s.resumption.proved(r.conn.ConnectionState().Version, b.givesTicket())
	}
	return r
}

// givesTicket reports whether the client gets a ticket of this connection. With
// TLS 1.3 it comes behind the handshake, and a client that only sends need not
// read it: Perl's Net::FTP, for one, closes its connection over it, which TCP
// makes a reset that takes the end of the file along. A server that requires resumption has
// clients that may use a ticket only once, and need the next.
func (b *binding) givesTicket() bool {
	return !b.use.Upload || b.s.shared.o.Reuse == ReuseRequire
}

// recognize checks the tag that a data connection resumed with, nil for none. known
// is true when it is this user's.
func (b *binding) recognize(shown *tag) (known bool, err error) {
	s := b.s
	switch {
	case s.shared.o.Reuse == ReuseOff:
		return false, nil
	case shown != nil && *shown == s.tag:
		return true, nil
	case s.shared.o.Reuse == ReuseRequire:
		return false, errUnproven
	}
	var of entry
	if shown != nil {
		// Where nothing is known the session ended long ago: its client still uses
		// an old ticket.
		of, known = s.shared.directory.lookUp(*shown)
	}
	same := known && of.user == b.user
	switch {
	case same && of.late && b.from.Wary():
		return false, errors.New("data connection resumed the TLS session of a sibling whose port was just revoked")
	case same:
		// A client with one cache for several sessions shows any of theirs.
		return true, nil
	case known && !of.ended:
		return false, errors.New("data connection resumed a TLS session of another user")
	}
	return false, nil
}
