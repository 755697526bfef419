package engine

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// serveOne runs one instance of the library to its end.
func (e *Engine) serveOne() error {
	lib := ftpserver.NewFtpServer(&mainDriver{e})
	// The library logs arguments as they came, and nothing that the session does not
	// log better.
	lib.Logger = slog.New(slog.DiscardHandler)
	if err := lib.Listen(); err != nil {
		return err
	}
	if err := lib.Serve(); err != nil {
		return err
	}
	// Both have happened, in either order, when the library's goroutine has ended. It
	// calls nobody any more then.
	<-e.library.closed
	<-e.library.left
	return nil
}

// libraryConn is the connection that the library serves, in memory.
type libraryConn struct {
	e *Engine
	// line is the rest of the line that the library is reading.
	line []byte
	// partial is what the library has written of a line, first the first line of a
	// reply of several.
	partial []byte
	first   string

	closeOnce sync.Once
	closed    chan struct{}
	// left is closed when the library says that the client is gone.
	left chan struct{}
}

func newLibraryConn(e *Engine) *libraryConn {
	return &libraryConn{e: e, closed: make(chan struct{}), left: make(chan struct{})}
}

// Read returns the next line for the library. When it is called, the library has
// answered everything before, but for a running transfer.
func (c *libraryConn) Read(b []byte) (int, error) {
	select {
	case <-c.closed:
		// The library closed the connection, as it does after a login that fails.
		return 0, io.EOF
	default:
	}
	if len(c.line) == 0 {
		text, err := c.e.next()
		if err != nil {
			return 0, err
		}
		c.line = append(c.line, text...)
		c.line = append(c.line, '\r', '\n')
	}
	n := copy(b, c.line)
	c.line = c.line[n:]
	return n, nil
}

// Write takes what the library sends, and passes on whole replies.
func (c *libraryConn) Write(b []byte) (int, error) {
	c.partial = append(c.partial, b...)
	for {
		i := bytes.IndexByte(c.partial, '\n')
		if i < 0 {
			return len(b), nil
		}
		text := string(bytes.TrimSuffix(c.partial[:i], []byte("\r")))
		c.partial = c.partial[i+1:]
		if c.first == "" {
			c.first = text
		}
		if code, ok := control.LastLine(c.first, text); ok {
			c.first = ""
			c.e.replied(code, text[4:])
		}
	}
}

// Close ends the connection; the library calls it last.
func (c *libraryConn) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return nil
}

func (c *libraryConn) LocalAddr() net.Addr  { return c.e.local }
func (c *libraryConn) RemoteAddr() net.Addr { return c.e.remote }

// Deadlines are the control connection's: the library would cut a reply that took
// longer than its idle time.
func (c *libraryConn) SetDeadline(time.Time) error      { return nil }
func (c *libraryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *libraryConn) SetWriteDeadline(time.Time) error { return nil }

// oneConn is a listener that yields one connection and is closed then.
type oneConn struct {
	c    net.Conn
	done bool
}

func (l *oneConn) Accept() (net.Conn, error) {
	if l.done {
		return nil, &net.OpError{Op: "accept", Net: "memory", Err: net.ErrClosed}
	}
	l.done = true
	return l.c, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return l.c.LocalAddr() }

// mainDriver is what the library asks about the server and the login.
type mainDriver struct{ e *Engine }

var (
	_ ftpserver.MainDriver                        = (*mainDriver)(nil)
	_ ftpserver.MainDriverExtensionPassiveWrapper = (*mainDriver)(nil)
)

// GetSettings turns off what the session does itself: TLS, idle time and ports. Names
// are bytes, and stay as they are in TYPE A too.
func (d *mainDriver) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{
		Listener:               &oneConn{c: d.e.library},
		DefaultTransferType:    ftpserver.TransferTypeBinary,
		DisableASCIIConversion: true,
		DisableActiveMode:      true,
		PasvConnectionsCheck:   ftpserver.IPMatchDisabled,
		IdleTimeout:            int((24 * time.Hour).Seconds()),
	}, nil
}

// ClientConnected is called first. The session has a greeting of its own.
func (d *mainDriver) ClientConnected(cc ftpserver.ClientContext) (string, error) {
	d.e.client = cc
	return "", nil
}

// ClientDisconnected is called once, at the end of the library's goroutine.
func (d *mainDriver) ClientDisconnected(ftpserver.ClientContext) { close(d.e.library.left) }

// GetTLSConfig answers that there is no TLS: the control connection has it.
func (d *mainDriver) GetTLSConfig() (*tls.Config, error) {
	return nil, errors.New("engine: the library has no TLS")
}

// AuthUser logs in.
func (d *mainDriver) AuthUser(cc ftpserver.ClientContext, user, password string) (ftpserver.ClientDriver, error) {
	view, err := d.e.session.Login(user, password)
	if err != nil {
		if errors.Is(err, ErrRetry) {
			d.e.restart = RestartSilently
		}
		return nil, err
	}
	d.e.view = view
	cc.SetPath(view.Home().String())
	return &driver{d.e}, nil
}

// WrapPassiveListener replaces the listener that the library made for its EPSV
// by one that yields the transfer's data connection. The library's own must stay open
// until Accept, because it sets a deadline on it; nothing is accepted from it.
func (d *mainDriver) WrapPassiveListener(own net.Listener) (net.Listener, error) {
	if d.e.transfer == nil {
		_ = own.Close()
		return nil, errors.New("engine: no transfer")
	}
	d.e.listener = &dataListener{own: own, data: d.e.transfer.Data()}
	return d.e.listener, nil
}

// dataListener is the virtual listener of one transfer.
type dataListener struct {
	own  net.Listener
	data net.Conn
}

func (l *dataListener) Accept() (net.Conn, error) {
	_ = l.own.Close()
	return l.data, nil
}

func (l *dataListener) Close() error {
	_ = l.own.Close()
	return nil
}

func (l *dataListener) Addr() net.Addr { return l.own.Addr() }

var (
	_ net.Conn     = (*libraryConn)(nil)
	_ io.Reader    = (*libraryConn)(nil)
	_ net.Listener = (*oneConn)(nil)
	_ net.Listener = (*dataListener)(nil)
)
