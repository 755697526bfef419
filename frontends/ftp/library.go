package ftp

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

// serveLibrary runs the library for this session until the session's end. The
// library hangs up after one wrong password, and knows no REIN: then another one
// goes on. The one before has ended by then and calls nobody any more.
func (s *session) serveLibrary() error {
	for {
		s.again = false
		if err := s.serveOne(); err != nil || !s.again {
			return err
		}
		s.lib = newLibraryConn(s)
	}
}

func (s *session) serveOne() error {
	lib := ftpserver.NewFtpServer(&mainDriver{s})
	// What the library logs is either no news or holds arguments as they came:
	// our own lines say it better.
	lib.Logger = slog.New(slog.DiscardHandler)
	if err := lib.Listen(); err != nil {
		return err
	}
	if err := lib.Serve(); err != nil {
		return err
	}
	// Both have happened when the library's goroutine is at its end, in
	// either order.
	<-s.lib.closed
	<-s.lib.left
	return nil
}

// libraryConn is the connection that the library serves, in memory: Read is the
// filter, Write takes the library's replies.
type libraryConn struct {
	s *session
	// line is the rest of the line that the library is reading.
	line []byte
	// partial is what the library wrote of a line, first the first line of a
	// reply of several. The library writes on two goroutines, but never on both
	// at once.
	partial []byte
	first   string

	closeOnce sync.Once
	closed    chan struct{}
	// left is closed when the library says that the client is gone.
	left chan struct{}
}

func newLibraryConn(s *session) *libraryConn {
	return &libraryConn{s: s, closed: make(chan struct{}), left: make(chan struct{})}
}

// Read returns the next line that the library shall see. When it is called, the
// library has answered everything before, but for a running transfer.
func (c *libraryConn) Read(b []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, c.s.collapse(r)
		}
	}()
	select {
	case <-c.closed:
		// The library hung up, as it does after a login that fails.
		return 0, io.EOF
	default:
	}
	if len(c.line) == 0 {
		text, err := c.s.next()
		if err != nil {
			return 0, err
		}
		c.line = append(c.line, text...)
		c.line = append(c.line, '\r', '\n')
	}
	n = copy(b, c.line)
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
			c.s.answered(code, text[4:])
		}
	}
}

// Close is the library's last word.
func (c *libraryConn) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return nil
}

func (c *libraryConn) LocalAddr() net.Addr  { return c.s.control.LocalAddr() }
func (c *libraryConn) RemoteAddr() net.Addr { return c.s.control.RemoteAddr() }

// Deadlines are the filter's: the library would cut a reply that took longer
// than its idle time.
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
type mainDriver struct{ s *session }

var (
	_ ftpserver.MainDriver                        = (*mainDriver)(nil)
	_ ftpserver.MainDriverExtensionPassiveWrapper = (*mainDriver)(nil)
)

// GetSettings leaves to the library what is its own. TLS, idle time and ports
// are the filter's; names are bytes and stay as they are in TYPE A too.
func (d *mainDriver) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{
		Listener:               &oneConn{c: d.s.lib},
		DefaultTransferType:    ftpserver.TransferTypeBinary,
		DisableASCIIConversion: true,
		DisableActiveMode:      true,
		PasvConnectionsCheck:   ftpserver.IPMatchDisabled,
		IdleTimeout:            int((24 * time.Hour).Seconds()),
	}, nil
}

// ClientConnected is called first; the greeting is the filter's.
func (d *mainDriver) ClientConnected(cc ftpserver.ClientContext) (string, error) {
	d.s.cwd = cc.Path
	return "", nil
}

// ClientDisconnected is called once, at the end of the library's goroutine.
func (d *mainDriver) ClientDisconnected(ftpserver.ClientContext) { close(d.s.lib.left) }

// GetTLSConfig answers that there is no TLS: the filter has it.
func (d *mainDriver) GetTLSConfig() (*tls.Config, error) {
	return nil, errors.New("ftp: the library has no TLS")
}

// AuthUser logs in.
func (d *mainDriver) AuthUser(cc ftpserver.ClientContext, user, password string) (ftpserver.ClientDriver, error) {
	account, err := d.s.login(user, password)
	if err != nil {
		return nil, err
	}
	cc.SetPath(account.View.Home().String())
	return &driver{s: d.s}, nil
}

// WrapPassiveListener replaces the listener that the library made for its EPSV
// by one that yields our data connection. The library's own must stay open
// until Accept, because it sets a deadline on it; nothing is accepted from it.
func (d *mainDriver) WrapPassiveListener(own net.Listener) (net.Listener, error) {
	if d.s.transfer == nil {
		_ = own.Close()
		return nil, errors.New("ftp: no transfer")
	}
	l := &dataListener{own: own, data: d.s.transfer.data}
	d.s.transfer.listener = l
	return l, nil
}

// dataListener is the virtual listener of one transfer.
type dataListener struct {
	own  net.Listener
	data *dataConn
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
