package sftp

import (
	"net"
	"sync"
	"time"
)

const (
	// maxCorked is how much is held back at most. It is more than the library's
	// own buffer of 4 KiB, from which the beginning of each packet comes, and the
	// short packet at the end of an answer.
	maxCorked = 4<<10 + 512
	// corkTime is how long it is held back at most: a goroutine that has corked may wait
	// for a client that waits for it.
	corkTime = time.Millisecond
)

// corked writes to a connection. Between cork and uncork small pieces are held
// back and leave with the next large one: the library gives each packet in two
// pieces, and on a fast network their system calls are a good part of what a byte
// costs.
type corked struct {
	conn net.Conn

	mu    sync.Mutex
	corks int
	held  []byte
	both  [2][]byte
	timer *time.Timer
	// err is what became of bytes that had been taken.
	err error
}

func (c *corked) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corks++
}

// uncork ends cork. What is held back leaves, or where more follows soon, with that.
func (c *corked) uncork(more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corks--
	if c.corks == 0 && !more {
		c.flush()
	}
}

func (c *corked) write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	if c.corks > 0 && len(c.held)+len(b) <= maxCorked {
		c.hold(b)
		return len(b), nil
	}
	if len(c.held) == 0 {
		return c.conn.Write(b)
	}
	c.timer.Stop()
	c.both = [2][]byte{c.held, b}
	both := net.Buffers(c.both[:])
	n, err := both.WriteTo(c.conn)
	sent := int(n) - len(c.held)
	c.held = c.held[:0]
	c.both[1] = nil
	if err != nil {
		c.err = err
	}
	return max(sent, 0), err
}

func (c *corked) hold(b []byte) {
	if c.held == nil {
		c.held = make([]byte, 0, maxCorked)
	}
	c.held = append(c.held, b...)
	if c.timer == nil {
		c.timer = time.AfterFunc(corkTime, c.expire)
		return
	}
	c.timer.Reset(corkTime)
}

// expire is called by the timer.
func (c *corked) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
}

// stop forgets what is held back.
func (c *corked) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	c.held = nil
}

func (c *corked) flush() {
	if len(c.held) == 0 {
		return
	}
	c.timer.Stop()
	if _, err := c.conn.Write(c.held); err != nil && c.err == nil {
		c.err = err
	}
	c.held = c.held[:0]
}
