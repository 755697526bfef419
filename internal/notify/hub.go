package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

// Spec is an Endpoint as the configuration has it.
type Spec struct {
	// Name is the type and the name of the block: "webhook.ingest".
	Name     string
	Settings Settings
	Sender   Sender
	// Same says that the previous Spec of this name has the same values: only the contents of
	// files that it names can differ.
	Same bool
}

// Hub gives each change to the endpoints. Its methods may be called concurrently.
type Hub struct {
	log     *slog.Logger
	metrics *metrics.Registry
	memory  *memory.Part
	current atomic.Pointer[current]

	mu sync.Mutex
	// leaving are the ones that were removed and still send, until left.
	leaving []leaving
	left    sync.WaitGroup
	closed  bool
}

// leaving is an endpoint that was removed. giveUp ends its time.
type leaving struct {
	*endpoint
	giveUp context.CancelFunc
}

// current is what Set has set. It is immutable.
type current struct {
	node      string
	endpoints []*endpoint
}

// New returns a Hub without endpoints. The endpoints share the memory for queued events in
// equal parts. The caller calls Close.
func New(log *slog.Logger, m *metrics.Registry, part *memory.Part) *Hub {
	h := &Hub{log: log, metrics: m, memory: part}
	h.current.Store(&current{})
	return h
}

// Set makes the endpoints the current ones. node is the name of the node. An endpoint that has
// the name of an earlier one takes over its queued events. The other earlier endpoints accept no
// more events, and send their queued events for at most grace.
func (h *Hub) Set(node string, specs []Spec, grace time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		for _, s := range specs {
			s.Sender.Close()
		}
		return
	}
	before := h.current.Load().endpoints
	now := make([]*endpoint, 0, len(specs))
	for _, s := range specs {
		i := slices.IndexFunc(before, func(p *endpoint) bool { return p.name == s.Name })
		if i < 0 {
			now = append(now, newEndpoint(s, h.log, h.metrics, h.memory))
			continue
		}
		before[i].change(s, s.Same)
		now = append(now, before[i])
	}
	for _, p := range now {
		p.limit(h.memory.Most() / int64(len(now)))
	}
	h.current.Store(&current{node, now})
	for _, p := range before {
		if !slices.Contains(now, p) {
			ctx, cancel := context.WithTimeout(context.Background(), grace)
			h.leaving = append(h.leaving, leaving{p, cancel})
			h.left.Go(func() {
				defer cancel()
				p.close(ctx)
				h.forget(p)
			})
		}
	}
}

// forget notes that an endpoint that was removed sends no more.
func (h *Hub) forget(p *endpoint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaving = slices.DeleteFunc(h.leaving, func(one leaving) bool { return one.endpoint == p })
}

// Changed implements vfs.Notify.
func (h *Hub) Changed(ctx context.Context, e vfs.Event) {
	set := h.current.Load()
	if len(set.endpoints) == 0 {
		return
	}
	now := time.Now()
	c, ok := changeOf(ctx, e, set.node, now)
	if !ok {
		return
	}
	var body []byte
	var waits []waiting
	for _, p := range set.endpoints {
		if !p.wants(&c) {
			continue
		}
		if body == nil {
			body = c.encode()
		}
		if one, wait := p.accept(&c, body, now); wait > 0 {
			waits = append(waits, waiting{p, one, now.Add(wait)})
		}
	}
	for _, w := range waits {
		w.await(ctx)
	}
}

// wants reports whether an event passes the filter.
func (p *endpoint) wants(c *change) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings.Filter.passes(c)
}

// waiting is an event that a reply waits for.
type waiting struct {
	endpoint *endpoint
	entry    *entry
	until    time.Time
}

// await waits for the delivery, and logs why the reply does not wait any longer.
func (w waiting) await(ctx context.Context) {
	timer := time.NewTimer(time.Until(w.until))
	defer timer.Stop()
	select {
	case <-w.entry.result:
		w.endpoint.noteResult(w.entry)
		return
	case <-ctx.Done():
	case <-timer.C:
	}
	select {
	case <-w.entry.result: // at the same time
		w.endpoint.noteResult(w.entry)
		return
	default:
	}
	why := "wait"
	if ctx.Err() != nil {
		why = "session ends"
	}
	w.endpoint.noteLate(w.entry, why)
}

// Close accepts no more events, and sends those in the queues until ctx ends.
func (h *Hub) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	var closing sync.WaitGroup
	for _, p := range h.current.Load().endpoints {
		closing.Go(func() { p.close(ctx) })
	}
	h.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, p := range h.leaving {
			p.giveUp()
		}
	})
	defer stop()
	closing.Wait()
	h.left.Wait()
}
