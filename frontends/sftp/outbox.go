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
	// trace is called with answers before they are sent.
	trace func(p []byte)
	// since is when the write began that is running, in Unix nanoseconds, or 0.
	since atomic.Int64

	mu sync.Mutex
	// held are answers that wait for the next, count how many they are.
	held  []byte
	count int
}

// send sends answers.
func (o *outbox) send(p []byte, count int) error { return o.sendBefore(p, count, false) }

// sendBefore sends answers. With more, others follow at once, and the end of these
// may leave with them.
func (o *outbox) sendBefore(p []byte, count int, more bool) error {
	held, err := o.sendBehind(p, more)
	o.answered(held + count)
	return err
}

// sendBehind sends p behind what was held back, and returns how many answers that was.
func (o *outbox) sendBehind(p []byte, more bool) (held int, err error) {
	o.trace(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	if held, err = o.flushLocked(); err != nil {
		return held, err
	}
	return held, o.write(p, more)
}

// stream sends one answer in parts: first and what more returns, until that is
// nothing. An error leaves the answer cut off, and the channel of no use. Other
// answers wait meanwhile.
func (o *outbox) stream(first []byte, more func() ([]byte, error)) error {
	held, err := o.streamBehind(first, more)
	o.answered(held + 1)
	return err
}

func (o *outbox) streamBehind(first []byte, more func() ([]byte, error)) (held int, err error) {
	o.trace(first)
	o.mu.Lock()
	defer o.mu.Unlock()
	held, err = o.flushLocked()
	for p := first; err == nil && len(p) > 0; {
		if err = o.write(p, false); err == nil {
			p, err = more()
		}
	}
	return held, err
}

// hold sends an answer with the next one, or at flush: a session that has more
// to read need not write for each.
func (o *outbox) hold(p []byte) error {
	o.trace(p)
	o.mu.Lock()
	o.held, o.count = append(o.held, p...), o.count+1
	full := len(o.held) >= maxHeld
	o.mu.Unlock()
	if full {
		return o.flush()
	}
	return nil
}

// flush sends what was held back.
func (o *outbox) flush() error {
	o.mu.Lock()
	held, err := o.flushLocked()
	o.mu.Unlock()
	if held > 0 {
		o.answered(held)
	}
	return err
}

// flushLocked returns how many answers were held back.
func (o *outbox) flushLocked() (count int, err error) {
	if o.count == 0 {
		return 0, nil
	}
	held, count := o.held, o.count
	o.held, o.count = o.held[:0], 0
	return count, o.write(held, false)
}

func (o *outbox) write(p []byte, more bool) error {
	o.since.Store(time.Now().UnixNano())
	defer o.since.Store(0)
	o.socket.send()
	defer o.socket.sent(more)
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
