package sftp

import (
	"bytes"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is a connection that has endless bytes to read, and keeps what is
// written.
type script struct {
	net.Conn
	mu     sync.Mutex
	reads  int
	writes [][]byte
}

func (c *script) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads += len(b)
	return len(b), nil
}

func (c *script) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes = append(c.writes, bytes.Clone(b))
	return len(b), nil
}

func (c *script) Close() error { return nil }

func (c *script) read() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

// lengths returns those of what was written.
func (c *script) lengths() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []int
	for _, w := range c.writes {
		all = append(all, len(w))
	}
	return all
}

// readAll reads from s until it is closed.
func readAll(s *socket, c *script) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 10)
		for c.read() < 10_000 {
			if _, err := s.Read(b); err != nil {
				return
			}
		}
	}()
	return done
}

// The socket reads no more than the limit while what the client sent is not processed. It
// continues to read when a channel waits for data, or an answer waits for the client.
func TestSocketIsReadInTime(t *testing.T) {
	const limit = 100
	tests := []struct {
		name string
		// then is done when the limit is reached.
		then func(s *socket)
		want int  // -1: without end
		late bool // not at once
	}{
		{"nothing is taken", func(*socket) {}, limit, false},
		{"some is taken", func(s *socket) { s.consumed(30) }, limit + 30, false},
		{"all is taken", func(s *socket) { s.consumedAll() }, 2 * limit, false},
		{"more is taken than came", func(s *socket) { s.consumed(1000) }, 2 * limit, false},
		{"the channel waits for more", func(s *socket) { s.resume() }, -1, true},
		{"the channel waits, and works again", func(s *socket) { s.resume(); s.pause() }, limit, false},
		{"another channel is opened", func(s *socket) { s.opened(1) }, -1, false},
		{"the channel is closed", func(s *socket) { s.resume(); s.opened(-1) }, -1, false},
		{"an answer waits for the client", func(s *socket) { s.send() }, -1, true},
		{"an answer was sent", func(s *socket) { s.send(); s.sent(false) }, limit, false},
		{"the connection ends", func(s *socket) { s.end() }, -1, false},
		{"the connection is closed", func(s *socket) { _ = s.Close() }, -1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &script{}
				s := newSocket(c, func() int { return limit }, newTestBuffers())
				s.opened(1)
				s.pause()
				done := readAll(s, c)
				synctest.Wait()
				if got := c.read(); got != limit {
					t.Fatalf("%d bytes were read at first, want %d", got, limit)
				}
				if !s.paused() {
					t.Error("it does not know that it waits")
				}
				s.mu.Lock() // what then does is one change to the reader
				s.waiting = false
				s.mu.Unlock()
				test.then(s)
				s.mu.Lock()
				s.waiting = true
				s.may.Broadcast()
				s.mu.Unlock()
				synctest.Wait()
				if got := c.read(); test.late && got != limit {
					t.Errorf("%d bytes were read at once, want %d", got, limit)
				}
				time.Sleep(1000 * takeTime) // each lets some more be read
				synctest.Wait()
				got := c.read()
				if test.want < 0 && got < 10_000 || test.want >= 0 && got != test.want {
					t.Errorf("%d bytes were read, want %d", got, test.want)
				}
				_ = s.Close()
				<-done
			})
		})
	}
}

// Small pieces leave with the next large one, at the end, or after a moment.
func TestCork(t *testing.T) {
	piece := func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }
	tests := []struct {
		name string
		run  func(s *socket)
		want []int
	}{
		{"without", func(s *socket) { write(s, piece(10), piece(20)) }, []int{10, 20}},
		{"until the end", func(s *socket) { s.send(); write(s, piece(10), piece(20)); s.sent(false) }, []int{30}},
		{"with a large one", func(s *socket) { s.send(); write(s, piece(4096), piece(20_000)); s.sent(false) }, []int{4096, 20_000}},
		{"large ones at once", func(s *socket) { s.send(); write(s, piece(20_000), piece(10)); s.sent(false) }, []int{20_000, 10}},
		{"until the last end", func(s *socket) {
			s.send()
			s.send()
			write(s, piece(10))
			s.sent(false)
			write(s, piece(10))
			s.sent(false)
		}, []int{20}},
		{"after a moment", func(s *socket) {
			s.send()
			write(s, piece(10))
			time.Sleep(2 * corkTime)
			write(s, piece(20))
			s.sent(false)
		}, []int{10, 20}},
		{"with what follows", func(s *socket) {
			s.send()
			write(s, piece(10))
			s.sent(true)
			s.send()
			write(s, piece(20))
			s.sent(false)
		}, []int{30}},
		{"after a moment when nothing follows", func(s *socket) {
			s.send()
			write(s, piece(10))
			s.sent(true)
			time.Sleep(2 * corkTime)
			write(s, piece(20))
		}, []int{10, 20}},
		{"nothing", func(s *socket) { s.send(); s.sent(false) }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &script{}
				s := newSocket(c, nil, newTestBuffers())
				test.run(s)
				if got := c.lengths(); !slices.Equal(got, test.want) {
					t.Errorf("pieces of %v bytes were written, want %v", got, test.want)
				}
				_ = s.Close()
			})
		})
	}
}

func write(s *socket, pieces ...[]byte) {
	for _, p := range pieces {
		_, _ = s.Write(p)
	}
}

// What could not be sent, although the library takes it for sent, is reported with the
// next piece.
func TestCorkReportsErrors(t *testing.T) {
	raw, other := net.Pipe()
	s := newSocket(raw, nil, newTestBuffers())
	s.send()
	if _, err := io.WriteString(s, "held"); err != nil {
		t.Fatal(err)
	}
	_, _ = raw.Close(), other.Close()
	s.sent(false)
	if _, err := io.WriteString(s, "next"); err == nil {
		t.Error("no error says that what was held back is lost")
	}
}
