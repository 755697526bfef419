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
	// proofWait is how long the server waits for a further connection when all that
	// came for a reservation have failed, or none is proven to be the session's own.
	// It is short, because nearly all clients connect before they send the command. A
	// client that connects after the 150 and resumes a TLS session needs three round
	// trips. If four take longer than proofWait, the server waits for four, up to
	// mostProofWait.
	proofWait     = 250 * time.Millisecond
	mostProofWait = 2 * time.Second
	// maxHandshakes bounds the connections of one reservation whose handshakes run at
	// once. A further one ends the oldest: the client's own connection is not the one
	// that has been silent longest.
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

// secured returns the session's own connection among those that came for its
// reservation. It runs their handshakes side by side. The first connection that shows a
// ticket of this session is the one. Only connections from the client's address come for
// the reservation, so a ticket from elsewhere is of no use.
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
	// over is true when the server waits for no further connection.
	over bool
	// fallback is a connection that is not proven and may be the session's own.
	fallback *candidate
	// failure says why the last connection was not taken.
	failure error
}

// run returns the winner, or why there is none.
func (c *contest) run() (candidate, error) {
	c.wg.Go(c.accept)
	wait := time.NewTimer(time.Hour)
	defer wait.Stop()
	// waiting is true while the timer of the fallback runs. Further connections do not
	// start it again.
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
				// The fallback is of another program. The session's own may still come.
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

// settled reports whether the server decides about the fallback now: no handshake runs,
// and the fallback has shown a ticket of the same user, no further connection is awaited, or
// the session needs no ticket.
func (c *contest) settled() bool {
	return len(c.running) == 0 && (c.fallback.known || c.over || c.d.needs == anyone)
}

// mayTakeFallback reports whether the session accepts a connection without a ticket. It
// asks anew each time, because the client's other connections may have shown meanwhile
// that it has tickets.
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

// dismiss closes the fallback.
func (c *contest) dismiss() {
	if c.fallback == nil {
		return
	}
	_ = c.fallback.below.Close()
	c.fallback = nil
	c.failure = &Error{425, "Data connection does not belong to this session", errUnproven}
}

// ended returns the error for a context that ended before there was a winner.
func (c *contest) ended() error {
	if len(c.running) > 0 {
		return &Error{425, "TLS handshake failed on the data connection", c.ctx.Err()}
	}
	if c.failure != nil {
		return c.failure
	}
	return c.d.notOpened(c.ctx.Err())
}

// accept passes on the connections that come for the reservation, until the first error.
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
	// Those before it are closed too: they stay in running until examined has their results.
	if n := len(c.running); n >= maxHandshakes {
		_ = c.running[n-maxHandshakes].Close()
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

// givesTicket reports whether the client gets a ticket of this connection. With TLS 1.3
// the ticket follows the handshake, and a client that only sends need not read it. Perl's
// Net::FTP closes its connection with the ticket unread; TCP then sends a reset, and the
// end of the file is lost. So an upload gets none, unless the server requires resumption:
// then clients may use each ticket only once, and need the next.
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
		// If the ticket is not found, its session ended long ago, and the client still
		// uses it.
		of, known = s.shared.directory.lookUp(*shown)
	}
	same := known && of.user == b.user
	switch {
	case same && of.late && b.from.Wary():
		return false, errors.New("data connection resumed the TLS session of another session of this user, whose port was just revoked")
	case same:
		// A client with one cache for several sessions shows a ticket of any of them.
		return true, nil
	case known && !of.ended:
		return false, errors.New("data connection resumed a TLS session of another user")
	}
	return false, nil
}
