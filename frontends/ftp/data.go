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
)

const (
	// connectTimeout is how long a client may take to connect and to finish
	// the TLS handshake.
	connectTimeout = 30 * time.Second
	// dismissTimeout is how long a data connection that nobody needs any more
	// may take to arrive and to be closed in order.
	dismissTimeout = 5 * time.Second
	// writePiece is how much is written under one deadline: a client that
	// takes less than this in the idle time is gone.
	writePiece = 256 << 10
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

// dataConn is the data connection of one transfer as the library sees it. It is
// there at once, so that the 150 goes out on receipt of the command: half of
// all clients begin TLS only then. The client's connection is bound to it
// beside that; Read and Write wait for it.
type dataConn struct {
	s     *session
	t     *transfer
	offer *passive.Offer
	tls   *tls.Config
	// ctx governs the binding.
	ctx    context.Context
	cancel context.CancelFunc
	// bound is closed when conn or err is set.
	bound chan struct{}
	conn  net.Conn
	err   error
	shut  atomic.Bool
}

var _ net.Conn = (*dataConn)(nil)

// bindData begins to bind the connection that offer promises. The session owns
// the goroutine.
func (s *session) bindData(t *transfer, offer *passive.Offer) *dataConn {
	d := &dataConn{s: s, t: t, offer: offer, bound: make(chan struct{})}
	if s.protect {
		d.tls = s.srv.o.TLS
	}
	d.ctx, d.cancel = context.WithTimeout(s.ctx, connectTimeout)
	s.wg.Go(d.bind)
	return d
}

func (d *dataConn) bind() {
	defer close(d.bound)
	conn, err := d.offer.Accept(d.ctx)
	if err != nil {
		d.offer.Close()
		d.err = &dataError{425, "Client did not open the data connection", err}
		return
	}
	if d.tls != nil {
		c := tls.Server(conn, d.tls)
		if err := c.HandshakeContext(d.ctx); err != nil {
			_ = conn.Close()
			d.err = &dataError{425, "TLS handshake failed on the data connection", err}
			return
		}
		conn = c
	}
	d.conn = conn
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
		n, err := c.Write(b[written:min(len(b), written+writePiece)])
		written += n
		d.t.bytes.Add(int64(n))
		if err != nil {
			return written, d.broken(err)
		}
	}
	return written, nil
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
	if !d.shut.Swap(true) && d.conn != nil {
		if err := d.conn.Close(); err != nil {
			d.t.fail(d.broken(err))
		}
	}
	d.cancel()
	return nil
}

func (d *dataConn) isShut() bool { return d.shut.Load() }

// kill ends the connection, bound or not. Reads and writes under way fail.
func (d *dataConn) kill() {
	d.cancel()
	<-d.bound
	if !d.shut.Swap(true) && d.conn != nil {
		_ = d.conn.Close()
	}
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
	d.kill()
}

func (d *dataConn) LocalAddr() net.Addr { return d.s.raw.LocalAddr() }

// RemoteAddr is the control connection's: the library compares the two, and
// the passive plane has done that already.
func (d *dataConn) RemoteAddr() net.Addr { return d.s.raw.RemoteAddr() }

// Deadlines are set by Read and Write.
func (d *dataConn) SetDeadline(time.Time) error      { return nil }
func (d *dataConn) SetReadDeadline(time.Time) error  { return nil }
func (d *dataConn) SetWriteDeadline(time.Time) error { return nil }
