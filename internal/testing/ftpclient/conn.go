package ftpclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// Security says how the control connection is protected.
type Security uint8

// The ways to protect a session (RFC 4217).
const (
	// Plain: no TLS. A test may still call AuthTLS.
	Plain Security = iota
	// Explicit: AUTH TLS after the greeting, PBSZ 0 and PROT P before login.
	Explicit
	// Implicit: TLS before the greeting, the same after it.
	Implicit
)

// DataMode says how data connections are opened.
type DataMode uint8

// The ways to open a data connection. EPSV and EPRT are RFC 2428, the others
// RFC 959.
const (
	EPSV DataMode = iota
	PASV
	EPRT
	PORT
)

// Options say how a session is opened. The zero value is plain FTP with EPSV.
type Options struct {
	Security Security
	// TLS is the client's configuration for control and data connections. Its
	// ServerName and a ClientSessionCache make data connections resume the
	// session of the control connection, as many servers require. It is needed
	// for TLS only and is not changed.
	TLS *tls.Config
	// ClearData asks for PROT C in place of PROT P.
	ClearData bool
	// HandshakeFirst starts TLS on a passive data connection before the
	// transfer command is sent, and does not wait for its end. Real clients are
	// divided; the other half, and the zero value, waits for the preliminary
	// reply.
	HandshakeFirst bool
	// Data is how data connections are opened.
	Data DataMode
	// Dialer opens all connections; nil is the plain one. Its LocalAddr lets a
	// load test come from many addresses.
	Dialer *net.Dialer
	// Urgent sends the last byte of every write as TCP urgent data, on control and
	// data connections, with TLS and without.
	Urgent bool
	// Timeout bounds each read and each write; 0 means [patience.Limit].
	Timeout time.Duration
	// Trace, when set, is called with every line sent ('>') and received
	// ('<'), without its end; passwords are left out.
	Trace func(direction byte, line string)
}

// Conn is one session.
type Conn struct {
	o    Options
	ctx  context.Context
	conn net.Conn
	r    *bufio.Reader
	// stop takes back the closing of conn at the end of ctx.
	stop func() bool
	// protected: PROT P is in force.
	protected bool
	greeting  Reply
}

// Dial connects to addr, reads the greeting and, with Options.Security,
// protects the session; it does not log in. ctx governs the Conn until it is
// closed. A greeting other than 220 is a *ReplyError.
func Dial(ctx context.Context, addr string, o Options) (*Conn, error) {
	c, err := Connect(ctx, addr, o)
	if err != nil {
		return nil, err
	}
	if err := c.open(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Connect opens the connection alone, with TLS for Implicit. The greeting is
// left to be read with Receive.
func Connect(ctx context.Context, addr string, o Options) (*Conn, error) {
	if o.Timeout == 0 {
		o.Timeout = patience.Limit()
	}
	c := &Conn{o: o, ctx: ctx}
	nc, err := c.dial(addr)
	if err != nil {
		return nil, err
	}
	c.use(nc)
	if o.Security == Implicit {
		if err := c.StartTLS(); err != nil {
			nc.Close()
			return nil, err
		}
	}
	return c, nil
}

func (c *Conn) open() error {
	var err error
	if c.greeting, err = c.Receive(); err != nil {
		return err
	}
	if c.greeting.Code != 220 {
		return &ReplyError{Command: "(connect)", Reply: c.greeting}
	}
	switch c.o.Security {
	case Explicit:
		if err := c.AuthTLS(); err != nil {
			return err
		}
		return c.Protect(!c.o.ClearData)
	case Implicit:
		return c.Protect(!c.o.ClearData)
	default:
		return nil
	}
}

func (c *Conn) dial(addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.o.Timeout)
	defer cancel()
	d := c.o.Dialer
	if d == nil {
		d = new(net.Dialer)
	}
	nc, err := d.DialContext(ctx, "tcp", addr)
	return c.urgent(nc), err
}

// use makes nc the control connection.
func (c *Conn) use(nc net.Conn) {
	if c.stop != nil {
		c.stop()
	}
	c.conn, c.r = nc, bufio.NewReader(nc)
	c.stop = context.AfterFunc(c.ctx, func() { nc.Close() })
}

// StartTLS runs the handshake on the control connection, after a 234.
func (c *Conn) StartTLS() error {
	tc := tls.Client(c.conn, c.o.TLS)
	if err := c.handshake(tc); err != nil {
		return err
	}
	c.use(tc)
	return nil
}

func (c *Conn) handshake(tc *tls.Conn) error {
	ctx, cancel := context.WithTimeout(c.ctx, c.o.Timeout)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("ftpclient: TLS: %w", err)
	}
	return nil
}

// AuthTLS protects the control connection (RFC 4217 section 4).
func (c *Conn) AuthTLS() error {
	if _, err := c.Do("AUTH TLS", 234); err != nil {
		return err
	}
	return c.StartTLS()
}

// Protect sets the protection of data connections: PBSZ 0, then PROT P or
// PROT C (RFC 4217 section 9).
func (c *Conn) Protect(private bool) error {
	if _, err := c.Do("PBSZ 0", 200); err != nil {
		return err
	}
	level := "PROT C"
	if private {
		level = "PROT P"
	}
	_, err := c.Do(level, 200)
	c.protected = err == nil && private
	return err
}

// Login sends USER and PASS and asks for TYPE I. A refusal is a *ReplyError.
func (c *Conn) Login(user, password string) error {
	r, err := c.Do("USER "+user, 331, 230)
	if err != nil {
		return err
	}
	if r.Code == 331 {
		if _, err := c.Do("PASS "+password, 230, 202); err != nil {
			return err
		}
	}
	_, err = c.Do("TYPE I", 200)
	return err
}

// Quit says good-bye and closes the connection.
func (c *Conn) Quit() error {
	_, err := c.Do("QUIT", 221)
	c.Close()
	return err
}

// Close closes the control connection without a QUIT, in the orderly way of
// TCP. It may be called more than once.
func (c *Conn) Close() {
	c.stop()
	NetConn(c.conn).Close()
}

// Reset ends the control connection with a RST.
func (c *Conn) Reset() {
	c.stop()
	reset(c.conn)
}

// Greeting is the first reply of the server.
func (c *Conn) Greeting() Reply { return c.greeting }

// TLSState describes the TLS of the control connection; ok is false where
// there is none.
func (c *Conn) TLSState() (state tls.ConnectionState, ok bool) { return tlsState(c.conn) }

// LocalAddr and RemoteAddr are those of the control connection.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr is the server's address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

func (c *Conn) trace(direction byte, line string) {
	if c.o.Trace != nil {
		c.o.Trace(direction, mask(line))
	}
}

// mask hides the password of a PASS line.
func mask(line string) string {
	if len(line) > 5 && strings.EqualFold(line[:5], "PASS ") {
		return line[:5] + "***"
	}
	return line
}

// NetConn returns the TCP connection below nc, which may be TLS.
func NetConn(nc net.Conn) net.Conn {
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	if ec, ok := nc.(*endConn); ok {
		nc = ec.Conn
	}
	return nc
}

func tlsState(nc net.Conn) (tls.ConnectionState, bool) {
	if tc, ok := nc.(*tls.Conn); ok {
		return tc.ConnectionState(), true
	}
	return tls.ConnectionState{}, false
}

// reset closes nc so that TCP sends a RST.
func reset(nc net.Conn) {
	raw := NetConn(nc)
	if tcp, ok := raw.(*net.TCPConn); ok {
		// An error means that the connection is gone already.
		_ = tcp.SetLinger(0)
	}
	raw.Close()
}
