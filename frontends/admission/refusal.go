package admission

import (
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Refusal is why connections are turned away, in the words of the log, and the
// setting that decides it.
type Refusal struct{ Reason, Setting string }

// quietTime is for how long connections that are turned away for one reason are
// counted, after the line for the first: a flood must not fill the log.
const quietTime = time.Minute

// refusals are the connections that were turned away.
type refusals struct {
	log   *slog.Logger
	total atomic.Int64

	mu sync.Mutex
	// quiet are the reasons of which the log has heard lately.
	quiet  map[Refusal]*quiet
	closed bool
	// timers are those of quiet that have not been stopped.
	timers sync.WaitGroup
}

// quiet counts those that the log has not been told of, and knows the last one.
type quiet struct {
	timer *time.Timer
	count int
	last  string
}

func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, quiet: map[Refusal]*quiet{}}
}

// note writes a line for the first connection that is turned away for a reason,
// and counts those that follow it.
func (r *refusals) note(why Refusal, c net.Conn, err error) {
	r.total.Add(1)
	remote := c.RemoteAddr().String()
	attrs := []any{"remote", remote, "reason", why.Reason, "setting", why.Setting}
	if err != nil {
		attrs = append(attrs, "err", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if q := r.quiet[why]; q != nil {
		q.count++
		q.last = remote
		r.log.Debug("session refused", attrs...)
		return
	}
	r.log.Warn("session refused", attrs...)
	if r.closed {
		return
	}
	r.timers.Add(1)
	r.quiet[why] = &quiet{timer: time.AfterFunc(quietTime, func() {
		defer r.timers.Done()
		r.sum(why)
	})}
}

// sum tells at the end of a quiet time how many there were, and goes on counting
// as long as there are any.
func (r *refusals) sum(why Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.quiet[why]
	if r.closed || q.count == 0 {
		delete(r.quiet, why)
		return
	}
	r.tell(why, q)
	r.timers.Add(1)
	q.timer.Reset(quietTime)
}

// tell writes the line for those that were counted. mu is held.
func (r *refusals) tell(why Refusal, q *quiet) {
	r.log.Warn("more sessions refused", "count", q.count, "last", q.last, "reason", why.Reason, "setting", why.Setting)
	q.count = 0
}

// close tells what was counted, and waits until nothing counts any more.
func (r *refusals) close() {
	r.mu.Lock()
	r.closed = true
	for why, q := range r.quiet {
		if q.timer.Stop() {
			r.timers.Done()
		}
		if q.count > 0 {
			r.tell(why, q)
		}
	}
	r.mu.Unlock()
	r.timers.Wait()
}
