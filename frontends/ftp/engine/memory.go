package engine

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// libraryConn is the connection that the library serves, in memory.
type libraryConn struct {
	// next returns the next line for the library, replied takes a whole reply of it.
	next          func() (string, error)
	replied       func(code int, text string)
	local, remote net.Addr
	// line is the rest of the line that the library is reading.
	line []byte
	// partial is the unfinished line that the library has written, first the first line of
	// a reply with several lines.
	partial []byte
	first   string

	closeOnce sync.Once
	closed    chan struct{}
	// left is closed when the library says that the client is gone.
	left chan struct{}
}

func newLibraryConn(local, remote net.Addr, next func() (string, error), replied func(code int, text string)) *libraryConn {
	return &libraryConn{
		local: local, remote: remote, next: next, replied: replied,
		closed: make(chan struct{}), left: make(chan struct{}),
	}
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
		text, err := c.next()
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
			c.replied(code, text[4:])
		}
	}
}

// Close ends the connection; the library calls it last.
func (c *libraryConn) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return nil
}

func (c *libraryConn) LocalAddr() net.Addr { return c.local }

func (c *libraryConn) RemoteAddr() net.Addr { return c.remote }

// Deadlines are the control connection's: the library would cut a reply that took
// longer than its idle time.
func (c *libraryConn) SetDeadline(time.Time) error { return nil }

func (c *libraryConn) SetReadDeadline(time.Time) error { return nil }

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

func (l *oneConn) Close() error { return nil }

func (l *oneConn) Addr() net.Addr { return l.c.LocalAddr() }

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
