package ftp

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// watchedConn lies between TLS and the data connection: it sees the bare end of
// the connection, which TLS hides between two records, and lets the records of
// one piece leave together, where TLS would write each on its own.
type watchedConn struct {
	net.Conn
	// raw is Conn's socket, nil where there is none.
	raw syscall.RawConn
	// ended is set when the client closed the connection itself, and not only
	// the TLS session in it.
	ended atomic.Bool

	mu      sync.Mutex
	holding bool
	held    []byte
}

func watch(c net.Conn) *watchedConn {
	w := &watchedConn{Conn: c}
	if s, ok := c.(syscall.Conn); ok {
		// An error means that the connection is gone, which Read tells.
		w.raw, _ = s.SyscallConn()
	}
	return w
}

// heldBytes is how much is written at once.
const heldBytes = 128 << 10

func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if 0 < n && n < len(b) && c.raw != nil {
		// Nothing more is there: the client may be waiting for our word.
		ackNow(c.raw)
	}
	if errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	return n, err
}

func (c *watchedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holding {
		return c.Conn.Write(b)
	}
	if len(c.held)+len(b) > heldBytes {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	c.held = append(c.held, b...)
	return len(b), nil
}

// hold keeps what is written from now on until release.
func (c *watchedConn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = true
}

func (c *watchedConn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = false
	return c.flush()
}

func (c *watchedConn) flush() error {
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.held)
	c.held = c.held[:0]
	return err
}
