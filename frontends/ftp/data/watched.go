package data

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"

	"github.com/tidegate/tidegate/frontends/listen"
)

// watchedConn is the data connection below TLS: it sees the bare end of the
// connection, which TLS hides between two records.
type watchedConn struct {
	net.Conn
	// raw is Conn's socket, nil where there is none.
	raw syscall.RawConn
	// ended is set when the client closed the connection itself, and not only
	// the TLS session in it.
	ended atomic.Bool
}

func watch(c net.Conn) *watchedConn {
	w := &watchedConn{Conn: c}
	if s, ok := c.(syscall.Conn); ok {
		// An error means that the connection is gone, which Read reports.
		w.raw, _ = s.SyscallConn()
	}
	return w
}

func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if 0 < n && n < len(b) && c.raw != nil {
		// Nothing more is there: the client may be waiting for an acknowledgement, as it
		// does with its close_notify behind both sides' handshake.
		listen.AckNow(c.raw)
	}
	if errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	return n, err
}
