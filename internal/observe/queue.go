package observe

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

var eventsDropped = metrics.Desc{
	Name: "tidegate_events_dropped_total", Labels: []string{"sink"},
	Help: "Events that a sink did not get because its queue was full.",
}

// Queue is a Sink in front of a sink that may block. It holds a bounded number of events.
// Events that arrive while it is full are dropped, counted and reported, so a slow disk or
// a dead collector never delays a client. The sink gets the others in order, one at a time.
type Queue struct {
	name    string
	sink    Sink
	log     *slog.Logger
	dropped *metrics.Counter
	reports *loglimit.Limiter[struct{}]
	drained sync.WaitGroup
	// gathered is used by drain alone; closing is closed by Close.
	gathered *time.Timer
	closing  chan struct{}

	mu     sync.RWMutex
	closed bool // no event is queued any more
	events chan queued
}

// gatherTime is how long the events for a Flusher gather before it gets the next ones: to wake
// it for each would cost more than what it does with it.
const gatherTime = 50 * time.Millisecond

// Flusher is a sink behind a Queue that keeps something back until Flush, which is called when
// no event waits. It gets an event at once after a time without any, and otherwise within
// 50 ms.
type Flusher interface{ Flush() }

type queued struct {
	ctx   context.Context
	event Event
}

// NewQueue returns a Queue in front of sink. name is the label of its metric. At most
// length events wait, which is above 0. The caller calls Close.
func NewQueue(name string, sink Sink, length int, log *slog.Logger, m *metrics.Registry) *Queue {
	q := &Queue{name: name, sink: sink, log: log, dropped: m.Counter(eventsDropped, name), events: make(chan queued, length)}
	q.gathered, q.closing = time.NewTimer(gatherTime), make(chan struct{})
	q.reports = loglimit.New(func(_ struct{}, count int, _ string) { q.report(count) })
	q.drained.Go(q.drain)
	return q
}

// drain passes the events to the sink.
func (q *Queue) drain() {
	flusher, flushes := q.sink.(Flusher)
	for e := range q.events {
		// The event outlives its operation, and so must the context.
		q.sink.Record(context.WithoutCancel(e.ctx), e.event)
		if flushes && len(q.events) == 0 {
			flusher.Flush()
			q.gather()
		}
	}
}

// gather waits for gatherTime, or until Close is called.
func (q *Queue) gather() {
	q.gathered.Reset(gatherTime)
	select {
	case <-q.gathered.C:
	case <-q.closing:
	}
}

// Record implements Sink.
func (q *Queue) Record(ctx context.Context, e Event) {
	if q.enqueue(queued{ctx, e}) {
		return
	}
	q.dropped.Add(1)
	if q.reports.Note(struct{}{}, q.name) {
		q.report(1)
	}
}

// enqueue reports whether there was room.
func (q *Queue) enqueue(e queued) bool {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return false
	}
	select {
	case q.events <- e:
		return true
	default:
		return false
	}
}

// Len returns how many events wait.
func (q *Queue) Len() int { return len(q.events) }

// Dropped returns how many events the sink did not get, since the process has started.
func (q *Queue) Dropped() int64 { return q.dropped.Value() }

func (q *Queue) report(count int) { q.log.Warn("events dropped", "sink", q.name, "count", count) }

// Close waits until the sink has the queued events. Later events are dropped.
func (q *Queue) Close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.events)
		close(q.closing)
	}
	q.mu.Unlock()
	q.drained.Wait()
	q.reports.Close()
}
