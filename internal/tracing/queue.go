package tracing

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/tidegate/tidegate/internal/loglimit"
)

// queue limits how many spans wait for the collector or are being sent. next is the batch
// processor of the SDK, which forms batches and sends them. That processor drops spans without
// reporting it when its own queue is full. Its queue is as long as this one, so that it is never
// full.
type queue struct {
	next trace.SpanProcessor
	most int64
	// live counts the spans that have begun and not ended, waiting those that have ended and
	// were not sent yet.
	live, waiting atomic.Int64
	losses        *losses

	mu sync.Mutex
	// idle is called when no span is live, once, after retire.
	idle func()
}

// OnStart implements trace.SpanProcessor.
func (q *queue) OnStart(context.Context, trace.ReadWriteSpan) { q.live.Add(1) }

// OnEnd implements trace.SpanProcessor.
func (q *queue) OnEnd(s trace.ReadOnlySpan) {
	if q.waiting.Add(1) > q.most {
		q.waiting.Add(-1)
		q.losses.note(queueFull, 1, "")
	} else {
		q.next.OnEnd(s)
	}
	if q.live.Add(-1) == 0 {
		q.rest()
	}
}

// retire calls idle when no span is live any more. No new session gets spans from now on.
func (q *queue) retire(idle func()) {
	q.mu.Lock()
	q.idle = idle
	q.mu.Unlock()
	if q.live.Load() == 0 {
		q.rest()
	}
}

// rest calls idle.
func (q *queue) rest() {
	q.mu.Lock()
	idle := q.idle
	q.idle = nil
	q.mu.Unlock()
	if idle != nil {
		idle()
	}
}

// Shutdown implements trace.SpanProcessor.
func (q *queue) Shutdown(ctx context.Context) error { return q.next.Shutdown(ctx) }

// ForceFlush implements trace.SpanProcessor.
func (q *queue) ForceFlush(ctx context.Context) error { return q.next.ForceFlush(ctx) }

// exporter sends batches, and notes what becomes of them. It returns no error: the SDK would
// print it.
type exporter struct {
	trace.SpanExporter
	queue *queue
	// until ends what is being sent.
	until context.Context
}

// ExportSpans implements trace.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	n := int64(len(spans))
	defer e.queue.waiting.Add(-n)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.until, cancel)()
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.queue.losses.note(notDelivered, n, err.Error())
		return nil
	}
	e.queue.losses.counts.sent.Add(n)
	return nil
}

// losses counts spans that were lost, and reports them once a minute.
type losses struct {
	log      *slog.Logger
	endpoint string
	counts   *counts
	// reports limits the lines of each reason, unreported has how many spans none was about.
	reports    *loglimit.Limiter[string]
	unreported map[string]*atomic.Int64
}

func newLosses(log *slog.Logger, endpoint string, c *counts) *losses {
	l := &losses{log: log, endpoint: endpoint, counts: c, unreported: map[string]*atomic.Int64{queueFull: {}, notDelivered: {}}}
	l.reports = loglimit.New(func(reason string, _ int, last string) { l.report(reason, last) })
	return l
}

func (l *losses) note(reason string, n int64, cause string) {
	l.counts.lost[reason].Add(n)
	l.unreported[reason].Add(n)
	if l.reports.Note(reason, cause) {
		l.report(reason, cause)
	}
}

func (l *losses) report(reason, cause string) {
	attrs := []slog.Attr{slog.String("endpoint", l.endpoint), slog.String("reason", reason), slog.Int64("count", l.unreported[reason].Swap(0))}
	if cause != "" {
		attrs = append(attrs, slog.String("err", cause))
	}
	l.log.LogAttrs(context.Background(), slog.LevelWarn, "spans lost", attrs...)
}
