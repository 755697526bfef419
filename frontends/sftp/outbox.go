package sftp

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// maxHeld is how much is held back of the answers to WRITEs.
const maxHeld = 4 << 10

// outbox sends answers, whole and one after the other, from any goroutine.
type outbox struct {
	w      io.Writer
	socket *socket
	// answered is called when requests were answered.
	answered func(requests int)
	// since is when the write began that is running, in Unix nanoseconds, or 0.
	since atomic.Int64

	mu sync.Mutex
	// held are answers that wait for the next, count how many they are.
	held  []byte
	count int
}

// send sends answers.
func (o *outbox) send(p []byte, count int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.flushLocked(); err != nil {
		o.answered(count)
		return err
	}
	defer o.answered(count)
	return o.write(p)
}

// stream sends one answer in pieces: first and what more returns, until that is
// nothing. An error leaves the answer cut off, and the channel of no use.
func (o *outbox) stream(first []byte, more func() ([]byte, error)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.answered(1)
	err := o.flushLocked()
	for p := first; err == nil && len(p) > 0; {
		if err = o.write(p); err == nil {
			p, err = more()
		}
	}
	return err
}

// hold sends an answer with the next one, or at flush: a session that has more
// to read need not write for each.
func (o *outbox) hold(p []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held, o.count = append(o.held, p...), o.count+1
	if len(o.held) < maxHeld {
		return nil
	}
	return o.flushLocked()
}

// flush sends what was held back.
func (o *outbox) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.flushLocked()
}

func (o *outbox) flushLocked() error {
	if o.count == 0 {
		return nil
	}
	held, count := o.held, o.count
	o.held, o.count = o.held[:0], 0
	defer o.answered(count)
	return o.write(held)
}

func (o *outbox) write(p []byte) error {
	o.since.Store(time.Now().UnixNano())
	defer o.since.Store(0)
	o.socket.send()
	defer o.socket.sent()
	_, err := o.w.Write(p)
	return err
}

// writingSince returns when the write began that is running, or zero.
func (o *outbox) writingSince() time.Time {
	if since := o.since.Load(); since != 0 {
		return time.Unix(0, since)
	}
	return time.Time{}
}
