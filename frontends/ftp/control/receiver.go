package control

import (
	"net"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/ftp/socket"
	"github.com/tidegate/tidegate/frontends/listen"
)

// receiver is the control connection as the reader reads it, below TLS. It knows
// whether the reader is blocked in Read, and how many lines were read and not yet
// processed: an ABOR among what has arrived must be seen before an upload is committed.
type receiver struct {
	net.Conn
	blocked atomic.Bool
	// first is the first byte of the client, 0 before it.
	first atomic.Uint32
	lines atomic.Int64
	// changed holds a value when either may have changed.
	changed chan struct{}
}

// tlsHandshake is the first byte of a TLS handshake (RFC 8446, 5.1).
const tlsHandshake = 0x16

func newReceiver(c net.Conn) *receiver { return &receiver{Conn: c, changed: make(chan struct{}, 1)} }

// Read waits for bytes of the client. It waits before it takes them out of the kernel:
// between the two, an observer would see a blocked reader and an empty socket although
// lines have arrived.
func (r *receiver) Read(b []byte) (int, error) {
	n, err := r.await(b)
	if n > 0 && r.first.Load() == 0 {
		r.first.Store(uint32(b[0]))
	}
	return n, err
}

func (r *receiver) await(b []byte) (int, error) {
	if p, ok := r.Conn.(*listen.ProxiedConn); ok && p.Buffered() > 0 {
		return p.Read(b)
	}
	r.blocked.Store(true)
	r.signal()
	if socket.AwaitBytes(r.Conn) {
		r.blocked.Store(false)
		return r.Conn.Read(b)
	}
	defer r.blocked.Store(false)
	return r.Conn.Read(b)
}

func (r *receiver) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// isBlocked reports whether the reader is blocked in Read. After the socket was seen to be
// empty, it means that every line that had arrived was counted by read. Asked before, it
// means nothing: the reader may have taken the bytes in between. For the same reason,
// unprocessed is asked last: the reader may count lines until it is blocked.
func (r *receiver) isBlocked() bool { return r.blocked.Load() }

// unprocessed is how many lines were read and not yet processed.
func (r *receiver) unprocessed() int64 { return r.lines.Load() }

// read counts a line that the reader has read, processed one that was processed.
func (r *receiver) read() { r.lines.Add(1) }

func (r *receiver) processed() {
	r.lines.Add(-1)
	r.signal()
}
