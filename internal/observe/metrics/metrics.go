package metrics

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Counter counts events. Its methods may be called concurrently.
type Counter struct{ n atomic.Int64 }

// Add adds n, which is not negative.
func (c *Counter) Add(n int64) { c.n.Add(n) }

// Value returns the count.
func (c *Counter) Value() int64 { return c.n.Load() }

func (c *Counter) sample() Sample { return Sample{Value: float64(c.n.Load())} }

// Gauge holds a present amount. Its methods may be called concurrently.
type Gauge struct{ n atomic.Int64 }

// Add adds n, which may be negative.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Set replaces the value.
func (g *Gauge) Set(n int64) { g.n.Store(n) }

// Value returns the value.
func (g *Gauge) Value() int64 { return g.n.Load() }

func (g *Gauge) sample() Sample { return Sample{Value: float64(g.n.Load())} }

// Histogram counts observations by their size. Its methods may be called
// concurrently.
type Histogram struct {
	bounds []float64

	mu sync.Mutex
	// counts has one element more than bounds.
	counts []int64
	sum    float64
}

func newHistogram(bounds []float64) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]int64, len(bounds)+1)}
}

// Observe counts one observation, in the metric's unit.
func (h *Histogram) Observe(v float64) {
	at, _ := slices.BinarySearch(h.bounds, v) // a bound belongs to its bucket
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[at]++
	h.sum += v
}

func (h *Histogram) sample() Sample {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Sample{Value: h.sum, Counts: slices.Clone(h.counts)}
}
