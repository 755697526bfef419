package metrics

import (
	"math"
	"slices"
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
	// counts has one element more than bounds.
	counts []atomic.Int64
	// sum has the bits of a float64.
	sum atomic.Uint64
}

func newHistogram(bounds []float64) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Int64, len(bounds)+1)}
}

// Observe counts one observation, in the metric's unit.
func (h *Histogram) Observe(v float64) {
	at, _ := slices.BinarySearch(h.bounds, v) // a bound belongs to its bucket
	h.counts[at].Add(1)
	for {
		old := h.sum.Load()
		if h.sum.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// sample may miss observations of the same moment in the sum.
func (h *Histogram) sample() Sample {
	s := Sample{Counts: make([]int64, len(h.counts))}
	for i := range h.counts {
		s.Counts[i] = h.counts[i].Load()
	}
	s.Value = math.Float64frombits(h.sum.Load())
	return s
}
