package ftpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sync/errgroup"
)

// Transfer is one data connection with the command that uses it. It ends with
// Finish, with Abort, or with Reset and Result; Close ends it without asking
// the server.
type Transfer struct {
	c       *Conn
	command string
	data    net.Conn
	raw     *endConn // below data, when that is TLS
	stop    func() bool
	// Preliminary is the 150 or 125.
	Preliminary Reply
}

// Transfer opens a data connection and sends command with it, after REST when
// offset is not 0. A refusal, before or after the connection, is a
// *ReplyError, and no data connection stays open.
func (c *Conn) Transfer(command string, offset int64) (*Transfer, error) {
	e, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	defer e.close()
	if offset != 0 {
		if _, err := c.Do(fmt.Sprintf("REST %d", offset), 350); err != nil {
			return nil, err
		}
	}
	t := &Transfer{c: c, command: command}
	if err := t.start(e); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// start connects and sends the command in the order that the options ask for.
func (t *Transfer) start(e endpoint) error {
	if e.l != nil {
		return t.startActive(e)
	}
	nc, err := t.c.connect(e)
	if err != nil {
		return fmt.Errorf("ftpclient: %s: data connection: %w", t.command, err)
	}
	t.use(nc)
	early := t.c.protected && t.c.o.HandshakeFirst
	var handshake errgroup.Group
	if early {
		handshake.Go(t.protect)
	}
	if err = t.c.Send(t.command); err == nil {
		err = t.preliminary()
	}
	switch {
	case early && err != nil:
		// Ends the handshake too, whose own error comes second.
		nc.Close()
		return errors.Join(err, handshake.Wait())
	case early:
		return handshake.Wait()
	case err != nil:
		return err
	}
	return t.protect()
}

// startActive waits for the server's connection. A server that refuses the
// command never connects, so its reply must be able to end the wait.
func (t *Transfer) startActive(e endpoint) error {
	if err := t.c.Send(t.command); err != nil {
		return err
	}
	type accepted struct {
		nc  net.Conn
		err error
	}
	done := make(chan accepted, 1)
	go func() {
		nc, err := t.c.connect(e)
		done <- accepted{nc, err}
	}()
	err := t.preliminary()
	if err != nil {
		e.close()
	}
	a := <-done
	if a.nc != nil {
		t.use(a.nc)
	}
	switch {
	case err != nil:
		return err
	case a.err != nil:
		return a.err
	}
	return t.protect()
}

func (t *Transfer) use(nc net.Conn) {
	t.data = nc
	t.stop = context.AfterFunc(t.c.ctx, func() { nc.Close() })
}

func (t *Transfer) preliminary() error {
	r, err := t.c.Receive()
	if err != nil {
		return fmt.Errorf("ftpclient: %s: %w", t.command, err)
	}
	if r.Code != 150 && r.Code != 125 {
		return &ReplyError{Command: t.command, Reply: r}
	}
	t.Preliminary = r
	return nil
}

// protect starts TLS when PROT P is in force.
func (t *Transfer) protect() error {
	if !t.c.protected {
		return nil
	}
	t.raw = &endConn{Conn: t.data}
	tc := tls.Client(t.raw, t.c.o.TLS)
	if err := t.c.handshake(tc); err != nil {
		return err
	}
	t.data = tc
	return nil
}

// Read reads what the server sends.
func (t *Transfer) Read(p []byte) (int, error) {
	if err := t.data.SetReadDeadline(time.Now().Add(t.c.o.Timeout)); err != nil {
		return 0, err
	}
	return t.data.Read(p)
}

// Write sends to the server.
func (t *Transfer) Write(p []byte) (int, error) {
	if err := t.data.SetWriteDeadline(time.Now().Add(t.c.o.Timeout)); err != nil {
		return 0, err
	}
	return t.data.Write(p)
}

// CloseWrite half-closes the data connection: a FIN, after TLS's own
// close_notify. Reading is still possible.
func (t *Transfer) CloseWrite() error {
	if tc, ok := t.data.(*tls.Conn); ok {
		if err := tc.CloseWrite(); err != nil {
			return err
		}
	}
	if hc, ok := NetConn(t.data).(interface{ CloseWrite() error }); ok {
		return hc.CloseWrite()
	}
	return nil
}

// Truncate ends the data connection with a FIN but, under TLS, without
// close_notify: what a machine in the middle or a crashed client leaves.
func (t *Transfer) Truncate() {
	t.release()
	NetConn(t.data).Close()
}

// Reset ends the data connection with a RST. The server's final reply is to be
// read with Result.
func (t *Transfer) Reset() {
	t.release()
	reset(t.data)
}

// Close ends the data connection in the orderly way and asks for no final reply.
// It may be called at any time, more than once.
func (t *Transfer) Close() {
	if t.data == nil {
		return
	}
	t.release()
	t.data.Close()
}

// Finish ends the data connection in the orderly way and returns the server's
// final reply: nil for 226 and 250, a *ReplyError otherwise.
func (t *Transfer) Finish() error {
	if _, ok := t.data.(*tls.Conn); !ok {
		t.Close()
		return t.Result()
	}
	// A server sends session tickets that an upload never reads. Closing with
	// them unread makes TCP send a RST, which can overtake the last data.
	defer t.Close()
	// Where the server has gone first this fails; its final reply counts.
	_ = t.CloseWrite()
	return t.Result()
}

// Result reads the server's final reply.
func (t *Transfer) Result() error {
	r, err := t.c.Receive()
	if err != nil {
		return fmt.Errorf("ftpclient: %s: %w", t.command, err)
	}
	if r.Code != 226 && r.Code != 250 {
		return &ReplyError{Command: t.command, Reply: r}
	}
	return nil
}

// TLSState describes the TLS of the data connection; ok is false where there
// is none. DidResume says whether the control connection's session was used.
func (t *Transfer) TLSState() (state tls.ConnectionState, ok bool) { return tlsState(t.data) }

// DataConn is the data connection itself, for what Transfer does not offer.
func (t *Transfer) DataConn() net.Conn { return t.data }

func (t *Transfer) release() {
	if t.stop != nil {
		t.stop()
	}
}

// Retrieve is a download that must be read to its end: it returns what Read
// says, and at the end of the data the server's final reply as the error, io.EOF
// for a good one. TLS that ends without close_notify is an error too, since
// a device in between may have truncated the data.
func (t *Transfer) Retrieve() io.Reader { return &retrieval{t: t} }

type retrieval struct {
	t   *Transfer
	err error
}

func (r *retrieval) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.t.Read(p)
	if err != io.EOF {
		return n, err
	}
	truncated := r.t.raw != nil && r.t.raw.ended
	if r.err = r.t.Finish(); r.err == nil {
		r.err = io.EOF
		if truncated {
			r.err = errTruncated
		}
	}
	return n, r.err
}

var errTruncated = errors.New("ftpclient: the server ended TLS without close_notify")

// endConn notes that TCP has ended. crypto/tls says io.EOF for that and for
// close_notify alike, but reads no further after the latter.
type endConn struct {
	net.Conn
	ended bool
}

func (c *endConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.ended = c.ended || err == io.EOF
	return n, err
}
