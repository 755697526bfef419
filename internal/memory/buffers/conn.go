package buffers

import (
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Conn is the connection below TLS. As TLS does, it allows one Read beside one
// Write.
type Conn struct {
	net.Conn
	buffers *Buffers
	raw     syscall.RawConn // of Conn's socket, nil where there is none

	sending sync.Mutex
	turn    func() // ends the turn at a processor, nil without one
	held    []byte // what has not left yet; nil: nothing is held back
	err     error  // what has gone wrong with it: TLS believes that it left
	slow    bool   // the last piece took too long to hold a buffer for the next; Send's

	reading sync.Mutex
	closed  bool
	ahead   *[]byte // nil, or what lies between TLS and the network
	unread  []byte  // the part of it that TLS has not taken
	more    bool    // the last read got as much as it had asked for
	left    time.Time
}

// Under returns a connection for TLS over c.
func Under(c net.Conn, b *Buffers) *Conn {
	under := &Conn{Conn: c, buffers: b}
	if s, ok := c.(syscall.Conn); ok {
		under.raw, _ = s.SyscallConn() // an error means that c is closed, which Write reports
	}
	return under
}

// Processor waits for a turn at a processor, and returns what ends it, nil for none. A nil
// Processor gives no turns.
type Processor func() (end func())

const (
	// slowPiece is the time for a piece above which buffers do not help: a peer that
	// takes longer gets less than 11 MiB/s.
	slowPiece = 10 * time.Millisecond
	// brisk is the longest time between two reads of TLS when its user takes the bytes at
	// once. A connection that reads later holds no buffer.
	brisk = 2 * time.Millisecond
)

// Send writes p to w, the TLS connection over c. The records of a piece leave
// together, and all have left when Send returns without an error. With one, some
// of the bytes that are counted may not have.
func (c *Conn) Send(w io.Writer, p []byte) (int, error) {
	sent := 0
	for {
		n, err := c.piece(w, nil, false, func(most int) []byte {
			part := p[:min(len(p), most)]
			p = p[len(part):]
			return part
		})
		sent += n
		if n < PieceBytes || err != nil {
			return sent, err
		}
	}
}

// SendParts is Send of the parts that next returns, each of at most the given number of bytes,
// until next returns none. A piece consists of as many parts as fit. After next is called again,
// the previous part is not read any more. Each piece is encrypted and sent in a turn of the
// processor, which ends when the network does not take more at once.
//
// The parts of a piece are copied together where there is a buffer for it: the bytes of an
// upload have left the processor's caches by the time they are sent, and to read a piece of
// them at once takes less time than to read them record by record while encrypting.
func (c *Conn) SendParts(w io.Writer, processor Processor, next func(most int) []byte) (int64, error) {
	var sent int64
	for {
		n, err := c.piece(w, processor, true, next)
		sent += int64(n)
		if n < PieceBytes || err != nil {
			return sent, err
		}
	}
}

// piece writes one piece, which is shorter than others when nothing follows. If copied is
// true, its parts are copied together where a buffer is left.
func (c *Conn) piece(w io.Writer, processor Processor, copied bool, next func(most int) []byte) (n int, err error) {
	part := next(PieceBytes)
	if len(part) == 0 {
		return 0, nil
	}
	if processor != nil {
		c.begin(processor())
		defer c.end()
	}
	began := time.Now()
	defer func() { c.slow = time.Since(began)*PieceBytes > slowPiece*time.Duration(n) }()
	if buf := c.buffer(); buf != nil {
		defer c.buffers.put(buf)
		c.hold((*buf)[:0])
		defer func() {
			if flushed := c.release(); err == nil {
				err = flushed
			}
		}()
		if copied {
			if whole := c.buffers.get(); whole != nil {
				defer c.buffers.put(whole)
				part = together((*whole)[:0], part, next)
			}
		}
	}
	for len(part) > 0 {
		m, err := w.Write(part)
		n += m
		if err != nil {
			return n, err
		}
		part = next(PieceBytes - n)
	}
	return n, nil
}

// together appends part, and what next returns after it, up to a piece.
func together(to, part []byte, next func(most int) []byte) []byte {
	for len(part) > 0 {
		to = append(to, part...)
		part = next(PieceBytes - len(to))
	}
	return to
}

// buffer returns a buffer to send with, nil when there is none for c.
func (c *Conn) buffer() *[]byte {
	if c.slow {
		return nil
	}
	return c.buffers.get()
}

// Write is called by TLS. A record that TLS writes on its own, an alert or the
// answer to a new key, keeps its place among those that are held.
func (c *Conn) Write(b []byte) (int, error) {
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	if c.held == nil {
		return c.write(b)
	}
	if len(c.held)+len(b) > cap(c.held) {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	if len(b) > cap(c.held) {
		return c.write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}

// hold keeps what is written from now on until release.
func (c *Conn) hold(buf []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.held = buf
}

func (c *Conn) release() error {
	c.sending.Lock()
	defer c.sending.Unlock()
	err := c.flush()
	c.held = nil
	return err
}

// flush writes what is held. TLS counts it as written, so that nothing may
// follow when it fails.
func (c *Conn) flush() error {
	if c.err != nil || len(c.held) == 0 {
		return c.err
	}
	_, c.err = c.write(c.held)
	c.held = c.held[:0]
	return c.err
}

// write writes to the network. It waits for it without a turn.
func (c *Conn) write(b []byte) (int, error) {
	n := 0
	if c.turn != nil {
		if n = c.writeNow(b); n == len(b) {
			return n, nil
		}
		c.turn()
		c.turn = nil
	}
	m, err := c.Conn.Write(b[n:])
	return n + m, err
}

// begin begins a turn, which end ends.
func (c *Conn) begin(end func()) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.turn = end
}

// end ends the turn, if that has not been done.
func (c *Conn) end() {
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.turn != nil {
		c.turn()
		c.turn = nil
	}
}

// Read is called by TLS. It reads ahead when the peer has sent more than
// was asked for, and the user wants it.
func (c *Conn) Read(b []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if len(c.unread) > 0 {
		return c.take(b), nil
	}
	if c.ahead == nil && c.more && !c.closed && time.Since(c.left) < brisk {
		c.ahead = c.buffers.get()
	}
	if c.ahead == nil {
		n, err := c.Conn.Read(b)
		c.more = n == len(b)
		c.left = time.Now()
		return n, err
	}
	n, err := c.Conn.Read(*c.ahead)
	c.more = n > len(b)
	c.unread = (*c.ahead)[:n]
	return c.take(b), err
}

// take moves bytes from the buffer to b, and gives the buffer back once it is
// empty: the network may take its time for more.
func (c *Conn) take(b []byte) int {
	n := copy(b, c.unread)
	if c.unread = c.unread[n:]; len(c.unread) == 0 {
		c.giveBack()
		c.left = time.Now()
	}
	return n
}

func (c *Conn) giveBack() {
	c.buffers.put(c.ahead)
	c.ahead, c.unread = nil, nil
}

// Close closes the connection below and gives its memory back.
func (c *Conn) Close() error {
	err := c.Conn.Close() // a Read under way ends
	c.reading.Lock()
	defer c.reading.Unlock()
	c.closed = true
	c.giveBack()
	return err
}
