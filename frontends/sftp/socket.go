package sftp

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
)

// leastPacket is the length of the shortest packet (RFC 4253 6).
const leastPacket = 16

// socket is the connection below SSH.
//
// # Reading
//
// SSH lets a client send 2 MiB before a channel has taken any of it, and the library
// keeps them; with hundreds of clients that are faster than the store this is more
// than all transfers may take. So a socket is not read while much of what was read
// is not taken yet: TCP holds the client up. It is read all the same, a little later,
// while something waits for the client: a channel for requests, an answer for the
// client's window. While much comes, much is read at once: see readAhead.
//
// # Writing
//
// The library writes a packet in pieces. What is written between cork and uncork
// leaves in few system calls: see corked.
type socket struct {
	net.Conn
	raw   syscall.RawConn // nil where there is none
	limit func() int
	// heard is true when the client has said anything.
	heard atomic.Bool
	ahead readAhead
	corked

	mu  sync.Mutex
	may sync.Cond
	// unread is about how much was read and not taken. waiting is true while
	// that is too much.
	unread  int
	waiting bool
	late    *time.Timer // nil unless waiting; see expire
	// channels counts those that are open, busy those of them that take nothing
	// at the moment, and sending the answers on their way.
	channels, busy, sending int
	// ended is true when the connection is about to be closed.
	ended bool
}

func newSocket(c net.Conn, limit func() int, pool *buffers) *socket {
	s := &socket{Conn: c, limit: limit, ahead: readAhead{conn: c, pool: pool}}
	s.may.L = &s.mu
	s.corked.conn = c
	if sc, ok := c.(syscall.Conn); ok {
		// An error means that the connection is gone, which Read reports.
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	return s
}

func (s *socket) Read(b []byte) (int, error) {
	if n := s.ahead.take(b); n > 0 {
		return n, nil
	}
	n, came, err := s.ahead.read(b, s.await())
	if came > 0 {
		s.heard.Store(true)
		s.consumed(-came)
	}
	if 0 < came && came < min(leastPacket, len(b)) && s.raw != nil {
		// ssh2 for Node writes the length of each packet by itself, and Nagle's
		// algorithm keeps the rest until the length is acknowledged.
		listen.AckNow(s.raw)
	}
	return n, err
}

func (s *socket) Write(b []byte) (int, error) { return s.corked.write(b) }

// await returns when the socket may be read, and how much of it until it is full.
func (s *socket) await() (most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.full() {
		s.waiting = true
		s.expire()
		s.may.Wait()
	}
	s.waiting = false
	if s.late != nil {
		s.late.Stop()
		s.late = nil
	}
	return s.limit() - s.unread
}

// takeTime is how long bytes that were read may wait for a channel that seems about to take
// them. It is long because on a loaded machine hundreds of channels wait for a processor.
const takeTime = 100 * time.Millisecond

// expire allows reading from the socket again after takeTime, if no channel has taken the
// bytes by then although one seemed about to. s.mu must be held.
func (s *socket) expire() {
	if s.late != nil || !s.soon() {
		return
	}
	s.late = time.AfterFunc(takeTime, func() {
		s.change(func() {
			if s.late = nil; s.soon() {
				s.unread = 0 // it was for no channel, or the client waits for us
			}
		})
	})
}

// full reports whether no more bytes may be read from the socket.
func (s *socket) full() bool {
	return !s.ended && s.channels > 0 && s.unread >= s.limit() && (s.busy == s.channels || s.soon())
}

// soon reports whether a channel seems about to take the bytes that were read: no channel is
// busy, or all are and an answer is being sent.
func (s *socket) soon() bool { return s.busy == 0 || s.sending > 0 && s.busy == s.channels }

// paused reports whether nothing is read from the client now.
func (s *socket) paused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// change runs f, which changes the fields that full reads, and then lets a waiting Read
// continue if it may.
func (s *socket) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	switch {
	case !s.waiting:
	case s.full():
		s.expire()
	default:
		s.may.Broadcast()
	}
}

// opened notes that a channel was opened, or with -1, closed.
func (s *socket) opened(n int) { s.change(func() { s.channels += n }) }

// pause notes that a channel takes nothing until resume.
func (s *socket) pause()  { s.change(func() { s.busy++ }) }
func (s *socket) resume() { s.change(func() { s.busy-- }) }

// consumed notes that a channel took n bytes of content. More than n were read for them,
// because packets also have headers, padding and MACs.
func (s *socket) consumed(n int) { s.change(func() { s.unread = max(0, s.unread-n) }) }

// consumedAll notes that a channel took all that there was.
func (s *socket) consumedAll() { s.change(func() { s.unread = 0 }) }

// sureBytes is more than an incomplete packet can have.
const sureBytes = 64 << 10

// sure reports whether a channel that reads need not wait: more than an incomplete packet
// was read and not taken.
func (s *socket) sure() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unread >= sureBytes
}

// end removes the limit for what may be read: the connection ends.
func (s *socket) end() { s.change(func() { s.ended = true }) }

// send notes that answers are on their way, which may wait for the client, until
// sent.
func (s *socket) send() {
	s.change(func() { s.sending++ })
	s.cork()
}

// sent ends send. Where more follows soon, the end of these answers may leave with it.
func (s *socket) sent(more bool) {
	s.uncork(more)
	s.change(func() { s.sending-- })
}

func (s *socket) Close() error {
	s.end()
	err := s.Conn.Close() // it ends a write that holds the cork
	s.corked.stop()
	s.ahead.close()
	return err
}
