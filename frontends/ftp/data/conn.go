package data

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	// closeNotifyTimeout is how long a commit may wait for close_notify to leave.
	closeNotifyTimeout = time.Second
	// pieceBytes is how much is written under one deadline: a client that
	// takes less than this in the idle time is gone.
	pieceBytes = 256 << 10
	// maxBuffers bounds what TLS data connections take to move many records at
	// once, to 16 MiB.
	maxBuffers = 128
	// mixUpDelay is how long a transfer waits for evidence that its connection is another
	// session's, where there is reason to: see Suspicion.
	mixUpDelay = 250 * time.Millisecond
)

// Error is a data connection that could not be opened or broke.
type Error struct {
	// Code is 425 or 426 (RFC 959, 4.2).
	Code int
	Text string
	Err  error
}

func (e *Error) Error() string { return e.Text + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Conn is the data connection of one transfer. It is there at once, so that the 150
// is sent as soon as the command has come: half of all clients begin TLS only then. The
// client's connection is bound to it beside that; Read and Write wait for it.
type Conn struct {
	// binding is how the connection is found, bound is closed when conn or err is set.
	binding
	bound chan struct{}
	opened
	err error
	// began is when the wait for the connection began, until when it ended.
	began, until time.Time
	// bytes is how many have been read or written.
	bytes atomic.Int64
	shut  atomic.Bool
}

var _ net.Conn = (*Conn)(nil)

func (c *Conn) wait() (net.Conn, error) {
	<-c.bound
	return c.conn, c.err
}

// Read reads from the client. It fails when the client sends nothing for the
// idle time; what the client waits for us does not count, since no read is
// under way then.
func (c *Conn) Read(b []byte) (int, error) {
	conn, err := c.wait()
	if err != nil {
		return 0, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(c.s.shared.o.IdleTimeout))
	n, err := conn.Read(b)
	c.bytes.Add(int64(n))
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's end is the bare value
		err = c.broken(err)
	}
	return n, err
}

// Write writes to the client. An empty write only waits for the connection,
// which the library makes sure of for empty files.
func (c *Conn) Write(b []byte) (int, error) {
	conn, err := c.wait()
	if err != nil {
		return 0, err
	}
	written := 0
	for written < len(b) {
		_ = conn.SetWriteDeadline(time.Now().Add(c.s.shared.o.IdleTimeout))
		n, err := c.writePiece(conn, b[written:min(len(b), written+pieceBytes)])
		written += n
		c.bytes.Add(int64(n))
		if err != nil {
			return written, c.broken(err)
		}
	}
	return written, nil
}

// writePiece writes one piece; the TLS records of it leave together.
func (c *Conn) writePiece(conn net.Conn, piece []byte) (int, error) {
	if c.below == nil {
		return conn.Write(piece)
	}
	return c.below.Send(conn, piece)
}

// Ending is how the client ended a connection that was read to its end.
type Ending uint8

// The ways to end.
const (
	Unprotected Ending = iota
	Notified           // TLS, with close_notify
	Truncated          // TLS, without
)

// Ending is how the client ended the connection. crypto/tls does not report the lack of a
// close_notify between two records.
func (c *Conn) Ending() Ending {
	switch {
	case c.watched == nil:
		return Unprotected
	case c.watched.ended.Load():
		return Truncated
	}
	return Notified
}

// Socket is the connection below TLS.
func (c *Conn) Socket() net.Conn {
	if c.watched != nil {
		return c.watched.Conn
	}
	return c.conn
}

// Bound is closed when the client's connection is there, or will not come.
func (c *Conn) Bound() <-chan struct{} { return c.bound }

// IsBound reports whether Bound is closed.
func (c *Conn) IsBound() bool {
	select {
	case <-c.bound:
		return true
	default:
		return false
	}
}

// Arrived reports, once Bound is closed, whether the client's connection is there.
func (c *Conn) Arrived() bool { return c.conn != nil }

// Waited returns, once Bound is closed, how long the connection was waited for.
func (c *Conn) Waited() (began, until time.Time) { return c.began, c.until }

// LocalPort is the gateway's port of a connection that has arrived.
func (c *Conn) LocalPort() uint16 {
	if a, ok := c.Socket().LocalAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Port()
	}
	return 0
}

// Bytes is how many bytes were read or written.
func (c *Conn) Bytes() int64 { return c.bytes.Load() }

// MixedUp is closed when the connection may be another session's, and nil when
// a ticket proves that it is not.
func (c *Conn) MixedUp() <-chan struct{} {
	if c.proven {
		return nil
	}
	return c.from.Suspect()
}

// Suspicion is how long a transfer waits at its end for evidence that its connection is not the
// session's own. If connections without a reservation came from this address recently, the
// session's own may come after one of them. Otherwise only an upload without a byte is suspect: it
// may have got the late connection of an earlier reservation, which its client has closed.
func (c *Conn) Suspicion() time.Duration {
	switch {
	case c.proven:
		return 0
	case c.from.Strayed(), c.use.Upload && c.bytes.Load() == 0 && c.from.Wary():
		return mixUpDelay
	}
	return 0
}

// IsMixedUp reports whether mixedUp is closed.
func (c *Conn) IsMixedUp() bool {
	select {
	case <-c.MixedUp():
		return true
	default:
		return false
	}
}

func (c *Conn) broken(err error) error {
	text := "Data connection broke, transfer aborted"
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		text = "Data connection was idle for too long, transfer aborted"
	}
	return &Error{426, text, err}
}

// Finish closes a connection that is bound, in order or at once.
func (c *Conn) Finish(orderly bool) {
	// Everything that matters was read or written, with its own errors: a
	// client that is gone by now has what it wanted.
	_ = c.shutDown(orderly)
	c.cancel()
}

// Close is Finish in order.
func (c *Conn) Close() error {
	c.Finish(true)
	return nil
}

// shutDown closes a bound connection, once. close_notify is for clients that
// are not to take the end for a fault: one that reads no more would hold it up.
func (c *Conn) shutDown(orderly bool) error {
	if c.shut.Swap(true) {
		return nil
	}
	c.from.Release()
	if (c.proven || c.conn == nil) && (!orderly || c.Ending() == Truncated) {
		c.s.resumption.forgotten()
	}
	switch {
	case c.conn == nil:
		return nil
	case c.below != nil && !orderly:
		return c.below.Close()
	}
	return c.conn.Close()
}

// SendCloseNotify answers the client's close_notify with ours. It does not wait for the final
// reply: PHP waits one second for the close_notify and then warns, and to watch the control
// connection and to commit may take longer.
func (c *Conn) SendCloseNotify() {
	if conn, ok := c.conn.(*tls.Conn); ok && c.Ending() == Notified {
		// A client that has gone gets its final reply all the same.
		_ = conn.SetWriteDeadline(time.Now().Add(closeNotifyTimeout))
		_ = conn.CloseWrite()
	}
}

// IsShut reports whether the connection was closed.
func (c *Conn) IsShut() bool { return c.shut.Load() }

// Kill ends the connection, bound or not. Reads and writes under way fail.
func (c *Conn) Kill() { c.end(false) }

func (c *Conn) end(orderly bool) {
	c.cancel()
	<-c.bound
	_ = c.shutDown(orderly)
}

// LocalAddr is the control connection's.
func (c *Conn) LocalAddr() net.Addr { return c.s.control.LocalAddr() }

// RemoteAddr is the control connection's: the library compares the two, and
// the passive plane has done that already.
func (c *Conn) RemoteAddr() net.Addr { return c.s.control.RemoteAddr() }

// SetDeadline does nothing: Read and Write set their own deadlines.
func (c *Conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, as SetDeadline.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, as SetDeadline.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
