package sftp

import (
	"net"
	"sync"
)

// muchBytes is less than what the library asks for at once of a packet with 32 KiB of
// data, and more than it asks for of other packets.
const muchBytes = 16 << 10

// readAhead reads more of a connection than is asked for, while much comes: the
// library asks twice for each packet, and these system calls are a good part of what a
// byte of an upload costs.
//
// It has a buffer while there is something in it, and while it waits after a read that
// was filled: what ends a transfer, a CLOSE, fills none, so that idle connections have
// no buffer. Its reads follow one another. close may be called beside them, once the
// connection is closed.
type readAhead struct {
	conn net.Conn
	pool *buffers

	// mu is held while the client is waited for.
	mu     sync.Mutex
	closed bool
	// unread is the part of buf that was not asked for yet. buf is nil while that is
	// nothing.
	buf, unread []byte
	// much is true when the last read has got as much as it has asked for: there is more.
	much bool
}

// take returns what was read ahead, as far as it fits into b.
func (r *readAhead) take(b []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.takeLocked(b)
}

func (r *readAhead) takeLocked(b []byte) int {
	n := copy(b, r.unread)
	if r.unread = r.unread[n:]; len(r.unread) == 0 {
		r.release()
	}
	return n
}

// read reads what take has not, up to most bytes, or more when b is longer. It returns
// how many of them are in b, and how many came.
func (r *readAhead) read(b []byte, most int) (n, came int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.much && most > len(b) && !r.closed {
		r.buf = r.pool.get(large)
	}
	if r.buf == nil {
		n, err = r.conn.Read(b)
		r.much = n == len(b) && n >= muchBytes
		return n, n, err
	}
	asked := r.buf[:min(len(r.buf), most)]
	came, err = r.conn.Read(asked)
	r.much = came == len(asked)
	r.unread = asked[:came]
	return r.takeLocked(b), came, err
}

func (r *readAhead) release() {
	if r.buf != nil {
		r.pool.put(r.buf)
		r.buf, r.unread = nil, nil
	}
}

// close drops what was read ahead.
func (r *readAhead) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.release()
}
