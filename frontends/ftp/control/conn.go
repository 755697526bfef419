package control

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/socket"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/charset"
)

const (
	// writeTimeout bounds one reply to a client that does not read.
	writeTimeout = time.Minute
	// partingTime is how long a client has to take the last reply when the session is
	// ended by force.
	partingTime = 2 * time.Second
	// drainTime bounds how long AllProcessed and Drained wait.
	drainTime = time.Second
)

// Conn is one control connection. One goroutine runs ReadLines. Reply and ReplyLines may
// be called by any goroutine; Processed and StartTLS by one at a time.
//
// Lock order: mu is held while a reply is written; no other lock is taken under it but
// that of pace, and those of the Observer.
type Conn struct {
	// ctx ends with the session, or by force at the end of the grace period.
	ctx context.Context
	// raw is the TCP connection, as a PROXY header may have renamed it; in is raw as
	// the reader reads it.
	raw net.Conn
	in  *receiver
	// log never names the user: the reader uses it at any time.
	log      *slog.Logger
	observer Observer

	// lines come from the reader, which closes the channel at the end of the
	// connection, after gone has ended.
	lines chan Line
	gone  context.Context
	left  context.CancelFunc
	// quit is true when the last line was QUIT.
	quit atomic.Bool
	pace pace

	mu sync.Mutex
	// conn is in, or TLS over it.
	conn   net.Conn
	secure bool
	// due is when replies must have been sent at the latest; zero for no such time.
	due time.Time
	// charset is the client's; nil is UTF-8.
	charset *charset.Charset
}

// Observer gets what passes on the connection. Its methods must not block; Received is
// called by the reader, and Sent by whoever replies, one at a time.
type Observer interface {
	// Received is called with each line of the client, before it is processed.
	Received(l Line)
	// Sent is called with each reply, which has one or several lines.
	Sent(text string)
}

// New returns the control connection over raw. ctx is the session's. observer may be nil.
func New(ctx context.Context, raw net.Conn, log *slog.Logger, observer Observer) *Conn {
	c := &Conn{ctx: ctx, raw: raw, in: newReceiver(raw), log: log, observer: observer, lines: make(chan Line)}
	c.conn = c.in
	c.gone, c.left = context.WithCancel(context.Background())
	return c
}

// StartTLS replaces the connection by TLS over it (RFC 4217). While AUTH is processed,
// the reader waits: see Line.Done. config is of this connection alone. The error is a
// *HandshakeError.
func (c *Conn) StartTLS(ctx context.Context, config *tls.Config) error {
	var hello *tls.ClientHelloInfo
	choose := config.GetConfigForClient
	config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		hello = h
		if choose == nil {
			return nil, nil
		}
		return choose(h)
	}
	secure := tls.Server(c.in, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return handshakeError(err, hello, config)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.secure = secure, true
	return nil
}

// Secure reports whether the connection speaks TLS.
func (c *Conn) Secure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secure
}

// TLS returns what the TLS handshake has shown, the zero state without one.
func (c *Conn) TLS() tls.ConnectionState {
	c.mu.Lock()
	defer c.mu.Unlock()
	if secure, ok := c.conn.(*tls.Conn); ok {
		return secure.ConnectionState()
	}
	return tls.ConnectionState{}
}

// Heard reports what the client of c has sent: nothing at all, or the start of a TLS
// handshake where lines of FTP are expected.
func Heard(c *Conn) (anything, startsTLS bool) {
	first := c.in.first.Load()
	return first != 0, first == tlsHandshake
}

// ReplyBy sets the time at which replies must have been sent; the zero time is none.
func (c *Conn) ReplyBy(due time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.due = due
}

// ReadLines reads the client's lines until the connection or the session ends. atEnd is
// called then, before Gone and Lines are closed.
func (c *Conn) ReadLines(atEnd func()) {
	defer close(c.lines)
	defer c.left()
	defer atEnd()
	r := NewReader(c.current())
	for {
		text, err := r.Next()
		l := ParseLine(text)
		switch {
		case errors.Is(err, ErrLineTooLong):
			l.TooLong = true
		case err != nil:
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				c.log.Debug("control connection broke", "err", err)
			}
			return
		}
		c.pace.command()
		if c.observer != nil {
			c.observer.Received(l)
		}
		c.quit.Store(l.Verb == "QUIT")
		if l.Verb == "AUTH" {
			l.resume = make(chan struct{})
		}
		c.in.read()
		select {
		case c.lines <- l:
		case <-c.ctx.Done():
			return
		}
		if l.resume == nil {
			continue
		}
		select {
		case <-l.resume:
			// Bytes that were sent in clear behind AUTH must not reach the TLS
			// session (CVE-2011-0411): drop what was read ahead.
			r.Reset(c.current())
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *Conn) current() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// Lines yields the client's lines. It is closed at the end of the connection. Each line
// must be followed by a call of Processed.
func (c *Conn) Lines() <-chan Line { return c.lines }

// Processed says that a line from Lines was acted upon, or is held in a Queue.
func (c *Conn) Processed() { c.in.processed() }

// Gone is closed when the connection has ended.
func (c *Conn) Gone() context.Context { return c.gone }

// Quit reports whether the last line was QUIT. The end of the connection is in order
// then: RFC 959, 4.1.1 makes an unexpected close an ABOR, and has a QUIT wait for the
// transfer.
func (c *Conn) Quit() bool { return c.quit.Load() }

// AllProcessed waits until everything that has arrived was read and processed, and
// reports whether that is so within a second. It is also true when ctx ends.
func (c *Conn) AllProcessed(ctx context.Context) bool {
	gone := c.gone.Done()
	late := time.NewTimer(drainTime)
	defer late.Stop()
	for {
		if (c.gone.Err() != nil || !socket.HasBytes(c.raw) && c.in.isBlocked()) && c.in.unprocessed() == 0 {
			return true
		}
		select {
		case <-c.in.changed:
		case <-gone:
			gone = nil
		case <-ctx.Done():
			return true
		case <-late.C:
			return false
		}
	}
}

// Drained waits, for a connection that the client has closed, until the reader has read
// everything before the end. It reports false when that takes more than a second, as it
// does when the client has sent more than is read. It is also true when ctx ends.
func (c *Conn) Drained(ctx context.Context) bool {
	late := time.NewTimer(drainTime)
	defer late.Stop()
	select {
	case <-c.gone.Done():
	case <-ctx.Done():
	case <-late.C:
		return false
	}
	return true
}

// Ended reports whether the client has closed its end, as the kernel knows it. The
// reader may not have been scheduled since.
func (c *Conn) Ended() bool { return socket.Ended(c.raw) }

// RoundTrip is the kernel's estimate of the connection's round trips.
func (c *Conn) RoundTrip() (r socket.RoundTrip, known bool) { return socket.RoundTripOf(c.raw) }

// SlowestAnswer is the longest time that the client took from a reply to its next
// command, of the last four; known is false before there are four.
func (c *Conn) SlowestAnswer() (took time.Duration, known bool) { return c.pace.slowest() }

// Part gives the client two seconds to take what is still sent.
func (c *Conn) Part() { _ = c.raw.SetDeadline(time.Now().Add(partingTime)) }

// Leave marks the connection as ended; for one whose lines are never read.
func (c *Conn) Leave() { c.left() }

// Close closes the connection, with TLS's close_notify.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.conn.Close()
	_ = c.raw.Close()
}

// Break closes the connection at once. It does not wait for a reply that is being sent.
func (c *Conn) Break() { _ = c.raw.Close() }

// Peer is the client's address.
func (c *Conn) Peer() netip.Addr { return listen.AddrOf(c.raw) }

// Proxied reports whether a PROXY header announced the client.
func (c *Conn) Proxied() bool {
	_, is := c.raw.(*listen.ProxiedConn)
	return is
}

// LocalAddr is the address that the client reached.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// Reached is the address that the client reached, without its port; the zero Addr where
// the connection has none.
func (c *Conn) Reached() netip.Addr {
	if a, ok := c.raw.LocalAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// RemoteAddr is the client's address with its port.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }
