package tracing

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Tracing is what traces the sessions of a process. Its methods may be called concurrently.
type Tracing struct {
	log    *slog.Logger
	counts *counts
	// current is nil while no new session is traced.
	current atomic.Pointer[Provider]
	// ending counts the providers that are being closed.
	ending sync.WaitGroup

	mu sync.Mutex
	// open has the current provider, and those that sessions still have spans of.
	open map[*Provider]bool
	// closed is true when Close has been called.
	closed bool
}

// New returns a Tracing that traces nothing. The caller calls Close.
func New(log *slog.Logger, m *metrics.Registry) *Tracing {
	return &Tracing{log: log, counts: newCounts(m), open: map[*Provider]bool{}}
}

// Use makes p trace the sessions that begin from now on, nil none. Sessions that have begun
// stay with the provider that they have; it is closed when the last of them has ended.
func (t *Tracing) Use(p *Provider) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		if p != nil {
			p.close(ended())
		}
		return
	}
	if p != nil {
		t.open[p] = true
	}
	before := t.current.Swap(p)
	t.mu.Unlock()
	if before != nil && before != p {
		before.queue.retire(func() { t.finish(before) })
	}
}

// Current returns the provider of new sessions, nil for none.
func (t *Tracing) Current() *Provider { return t.current.Load() }

// lastSpans is how long the spans of a provider that was replaced are sent at most.
const lastSpans = 10 * time.Second

// finish closes a provider whose last span has ended.
func (t *Tracing) finish(p *Provider) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || !t.open[p] {
		return
	}
	delete(t.open, p)
	t.ending.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
		defer cancel()
		p.close(ctx)
	})
}

// Close sends the spans that have ended, until ctx ends. What was not sent then is counted as
// lost. No session is traced any more.
func (t *Tracing) Close(ctx context.Context) {
	t.mu.Lock()
	t.closed = true
	t.current.Store(nil)
	open := t.open
	t.open = nil
	t.mu.Unlock()
	for p := range open {
		t.ending.Go(func() { p.close(ctx) })
	}
	t.ending.Wait()
}

// ended returns a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
