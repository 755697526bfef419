package accesslog

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

var (
	linesTotal = metrics.Desc{
		Name: "tidegate_access_log_lines_total", Labels: []string{"sink"},
		Help: "Lines that were written to an access log or an audit.",
	}
	failing = metrics.Desc{
		Name: "tidegate_access_log_failing", Labels: []string{"sink"},
		Help: "1 while an access log or an audit cannot be written, 0 otherwise.",
	}
)

// formatter makes lines of events. It is used by one goroutine.
type formatter interface {
	// append appends the lines about an event, none for an event that the format does not have.
	append(to []byte, e observe.Event) []byte
}

const (
	// batch is how many bytes are written at once while more events wait.
	batch = 32 << 10
	// retryAfter is the time between two attempts while the output fails.
	retryAfter = time.Second
)

// writer is the sink behind the queue of a log: it formats events and writes the lines. While
// the output fails, its methods wait, and the queue fills.
type writer struct {
	format formatter
	out    output
	log    *slog.Logger
	// closing is closed when nothing is waited for any more.
	closing <-chan struct{}
	// wake has an element when it is worth to try again at once.
	wake chan struct{}

	lines   *metrics.Counter
	failing *metrics.Gauge
	// unwritten are the lines that wait, failure why the last attempt for them has failed.
	unwritten []byte
	failure   atomic.Pointer[failure]
	// lost counts the lines that were given up.
	lost int
}

// Record implements observe.Sink.
func (w *writer) Record(_ context.Context, e observe.Event) {
	w.unwritten = w.format.append(w.unwritten, e)
	if len(w.unwritten) >= batch {
		w.Flush()
	}
}

// Flush implements observe.Flusher: it writes the lines that wait.
func (w *writer) Flush() {
	for len(w.unwritten) > 0 {
		n, err := w.out.write(w.unwritten)
		w.lines.Add(int64(bytes.Count(w.unwritten[:n], []byte{'\n'})))
		w.unwritten = w.unwritten[:copy(w.unwritten, w.unwritten[n:])]
		if err == nil {
			w.succeeded()
			continue
		}
		w.failed(err)
		if !w.await() {
			w.lost += bytes.Count(w.unwritten, []byte{'\n'})
			w.unwritten = w.unwritten[:0]
			return
		}
	}
}

// await waits until the next attempt. It returns false when there is none.
func (w *writer) await() bool {
	timer := time.NewTimer(retryAfter)
	defer timer.Stop()
	select {
	case <-w.closing:
		return false
	case <-w.wake:
	case <-timer.C:
	}
	return true
}

// failed notes that the output has failed. Only the first of several failures is logged.
func (w *writer) failed(err error) {
	before := w.failure.Load()
	if before != nil {
		w.failure.Store(&failure{err, before.since})
		return
	}
	w.failure.Store(&failure{err, time.Now()})
	w.failing.Add(1)
	w.log.Error("access log cannot be written, lines wait", "err", err)
}

// succeeded notes that the output works.
func (w *writer) succeeded() {
	if before := w.failure.Swap(nil); before != nil {
		w.log.Info("access log is written again", "dur", time.Since(before.since))
		w.failing.Add(-1)
	}
}

// end takes the log out of the count of those that fail. It is called after the last event.
func (w *writer) end() {
	if w.failure.Swap(nil) != nil {
		w.failing.Add(-1)
	}
}
