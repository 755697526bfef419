package ftp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/memory/buffers"
)

const (
	// connectTimeout is how long a client may take to connect and to finish
	// the TLS handshake.
	connectTimeout = 30 * time.Second
	// dismissTimeout is how long a data connection that nobody needs any more
	// may take to arrive and to be closed in order.
	dismissTimeout = 5 * time.Second
	// goodbyeTimeout is how long a commit may wait for TLS's goodbye to leave.
	goodbyeTimeout = time.Second
	// pieceBytes is how much is written under one deadline: a client that
	// takes less than this in the idle time is gone.
	pieceBytes = 256 << 10
	// maxBuffers bounds what TLS data connections take to move many records at
	// once, to 16 MiB.
	maxBuffers = 128
)

// dataError is a data connection that could not be opened or broke.
type dataError struct {
	// code is 425 or 426 (RFC 959, 4.2).
	code int
	text string
	err  error
}

func (e *dataError) Error() string { return e.text + ": " + e.err.Error() }
func (e *dataError) Unwrap() error { return e.err }

func isDataError(err error) bool {
	_, ok := errors.AsType[*dataError](err)
	return ok
}

// source is where the data connection of one transfer comes from. The methods
// are those of passive.Reservation.
type source interface {
	Claim(keep passive.Keep)
	Accept(ctx context.Context) (net.Conn, error)
	MoveOn()
	Suspect() <-chan struct{}
	Wary() bool
	Strayed() bool
	Release()
}

var _ source = (*passive.Reservation)(nil)

// dataConn is the data connection of one transfer as the library sees it. It is
// there at once, so that the 150 goes out on receipt of the command: half of
// all clients begin TLS only then. The client's connection is bound to it
// beside that; Read and Write wait for it.
type dataConn struct {
	s *session
	t *transfer
	// from is where the connection comes from.
	from source
	// told is the address and port that the client was told, "" in active mode.
	told string
	// secure is true when the connection speaks TLS, needs what it must show then.
	secure bool
	needs  trust
	// ctx governs the binding.
	ctx    context.Context
	cancel context.CancelFunc
	// bound is closed when conn or err is set.
	bound chan struct{}
	conn  net.Conn
	// proven is true when the client showed this session's own ticket.
	proven bool
	// below and watched are what conn speaks TLS over, nil where it does not.
	below   *buffers.Conn
	watched *watchedConn
	err     error
	shut    atomic.Bool
}

var _ net.Conn = (*dataConn)(nil)

// bindData begins to bind the connection that from yields. The session owns
// the goroutine. t is nil for a connection that is only dismissed.
func (s *session) bindData(t *transfer, from source) *dataConn {
	d := &dataConn{s: s, t: t, from: from, bound: make(chan struct{})}
	d.told, d.secure, d.needs = s.told, s.protect, s.needed()
	from.Claim(d.keep())
	d.ctx, d.cancel = context.WithTimeout(s.ctx, connectTimeout)
	s.start(d.bind)
	return d
}

func (d *dataConn) bind() {
	defer close(d.bound)
	if d.secure {
		d.err = d.secured()
	} else if conn, err := d.from.Accept(d.ctx); err != nil {
		d.err = d.notOpened(err)
	} else {
		d.conn = conn
	}
	switch {
	case d.err == nil:
		d.s.srv.directory.tardy(d.s.tag, false)
	case errors.Is(d.err, passive.ErrNotTaken) || errors.Is(d.err, context.DeadlineExceeded):
		d.s.srv.directory.tardy(d.s.tag, true)
	}
}

func (d *dataConn) wait() (net.Conn, error) {
	<-d.bound
	return d.conn, d.err
}

// Read reads from the client. It fails when the client sends nothing for the
// idle time; what the client waits for us does not count, since no read is
// under way then.
func (d *dataConn) Read(b []byte) (int, error) {
	c, err := d.wait()
	if err != nil {
		return 0, err
	}
	_ = c.SetReadDeadline(time.Now().Add(d.s.srv.o.IdleTimeout))
	n, err := c.Read(b)
	d.t.bytes.Add(int64(n))
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's end is the bare value
		err = d.broken(err)
	}
	return n, err
}

// Write writes to the client. An empty write only waits for the connection,
// which the library makes sure of for empty files.
func (d *dataConn) Write(b []byte) (int, error) {
	c, err := d.wait()
	if err != nil {
		return 0, err
	}
	written := 0
	for written < len(b) {
		_ = c.SetWriteDeadline(time.Now().Add(d.s.srv.o.IdleTimeout))
		n, err := d.writePiece(c, b[written:min(len(b), written+pieceBytes)])
		written += n
		d.t.bytes.Add(int64(n))
		if err != nil {
			return written, d.broken(err)
		}
	}
	return written, nil
}

// writePiece writes one piece; the TLS records of it leave together.
func (d *dataConn) writePiece(c net.Conn, piece []byte) (int, error) {
	if d.below == nil {
		return c.Write(piece)
	}
	return d.below.Send(c, piece)
}

// truncated reports whether a TLS connection ended without close_notify:
// crypto/tls does not tell when it ends between two records.
func (d *dataConn) truncated() bool { return d.watched != nil && d.watched.ended.Load() }

// socket is the connection below TLS.
func (d *dataConn) socket() net.Conn {
	if d.watched != nil {
		return d.watched.Conn
	}
	return d.conn
}

// mixedUp is closed when the connection may be another session's, and nil when
// a ticket proves that it is not.
func (d *dataConn) mixedUp() <-chan struct{} {
	if d.proven {
		return nil
	}
	return d.from.Suspect()
}

// suspicion is how long a transfer waits, before it counts, for evidence that its
// connection is not the session's own. Where somebody connects who was promised
// nothing, the session's own may come behind his. Without such trouble it is an upload
// without a byte that may come from a connection which was closed for being late.
func (d *dataConn) suspicion() time.Duration {
	switch {
	case d.proven:
		return 0
	case d.from.Strayed(), d.t.uploads() && d.t.bytes.Load() == 0 && d.from.Wary():
		return mixUpDelay
	}
	return 0
}

// awaitEvidence is what mayCommit does, for a transfer that commits nothing: its client
// must not take what a stranger got, or the nothing that it got itself, for the file.
func (d *dataConn) awaitEvidence() {
	if d.conn == nil || d.t.uploads() || d.t.failure() != nil {
		return
	}
	wait := time.NewTimer(d.suspicion())
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-d.t.ctx.Done():
	case <-d.mixedUp():
	}
	if d.isMixedUp() {
		d.t.Fail(errMixUp)
	}
}

// isMixedUp reports whether mixedUp is closed.
func (d *dataConn) isMixedUp() bool {
	select {
	case <-d.mixedUp():
		return true
	default:
		return false
	}
}

func (d *dataConn) broken(err error) error {
	text := "Data connection broke, transfer aborted"
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		text = "Data connection was idle for too long, transfer aborted"
	}
	return &dataError{426, text, err}
}

// Close is the library's end of the transfer. A connection that has not arrived
// is left to dismiss.
func (d *dataConn) Close() error {
	select {
	case <-d.bound:
	default:
		return nil
	}
	d.awaitEvidence()
	// Everything that matters was read or written, with its own errors: a
	// client that is gone by now has what it wanted.
	_ = d.shutDown(d.t.failure() == nil)
	d.cancel()
	return nil
}

// shutDown closes a bound connection, once. TLS's goodbye is for clients that
// are not to take the end for a fault: one that reads no more would hold it up.
func (d *dataConn) shutDown(orderly bool) error {
	if d.shut.Swap(true) {
		return nil
	}
	d.from.Release()
	if (d.proven || d.conn == nil) && (!orderly || d.truncated()) {
		d.s.resumption.forgotten()
	}
	switch {
	case d.conn == nil:
		return nil
	case d.below != nil && !orderly:
		return d.below.Close()
	}
	return d.conn.Close()
}

// sayGoodbye answers the client's close_notify with ours: nothing more comes this
// way. It says nothing of the verdict. PHP waits one second for it, which the look at
// the control connection and a commit may well take, and then warns.
func (d *dataConn) sayGoodbye() {
	if c, ok := d.conn.(*tls.Conn); ok && !d.truncated() {
		// A client that has gone gets its verdict all the same.
		_ = c.SetWriteDeadline(time.Now().Add(goodbyeTimeout))
		_ = c.CloseWrite()
	}
}

func (d *dataConn) isShut() bool { return d.shut.Load() }

// kill ends the connection, bound or not. Reads and writes under way fail.
func (d *dataConn) kill() { d.end(false) }

func (d *dataConn) end(orderly bool) {
	d.cancel()
	<-d.bound
	_ = d.shutDown(orderly)
}

// dropOffer dismisses the connection of a promise whose command did not begin a
// transfer. In active mode there is none yet.
func (s *session) dropOffer() {
	s.active = nil
	if s.offer == nil {
		return
	}
	d := s.bindData(nil, s.offer)
	s.offer = nil
	// The client may break off the handshake, before or after we hear of it.
	s.resumption.forgotten()
	s.start(d.dismiss)
}

// dismiss waits for a connection that nobody needs any more, because the
// command was refused, and closes it in order. Without the handshake, clients
// that have begun one take the close for a broken session; without the
// connection, the next session of that address would receive it.
func (d *dataConn) dismiss() {
	late := time.NewTimer(dismissTimeout)
	defer late.Stop()
	select {
	case <-d.bound:
	case <-late.C:
	case <-d.s.ctx.Done():
	}
	d.end(true)
}

func (d *dataConn) LocalAddr() net.Addr { return d.s.control.LocalAddr() }

// RemoteAddr is the control connection's: the library compares the two, and
// the passive plane has done that already.
func (d *dataConn) RemoteAddr() net.Addr { return d.s.control.RemoteAddr() }

// Deadlines are set by Read and Write.
func (d *dataConn) SetDeadline(time.Time) error      { return nil }
func (d *dataConn) SetReadDeadline(time.Time) error  { return nil }
func (d *dataConn) SetWriteDeadline(time.Time) error { return nil }
