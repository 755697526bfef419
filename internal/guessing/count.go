package guessing

import (
	"math"
	"time"
)

// count is a number of failures that leaks away. The zero value is no failure.
type count struct {
	n  float64
	at time.Time
	// until is when a refusal ends.
	until time.Time
}

// leak lets the count leak until now.
func (c *count) leak(now time.Time, limit int, in time.Duration) {
	c.n = max(c.n-now.Sub(c.at).Seconds()*float64(limit)/in.Seconds(), 0)
	c.at = now
}

// add counts one failure. From the limit on, it refuses.
func (c *count) add(now time.Time, limit int, in time.Duration) {
	c.leak(now, limit, in)
	// A count that leaks a little between two failures reaches the limit all the same.
	if c.n++; c.n > float64(limit)-0.5 {
		c.until = now.Add(in)
	}
}

// take takes n failures back. Half of the limit ends a refusal.
func (c *count) take(n float64, limit int) {
	if c.n = max(c.n-n, 0); c.n < float64(limit)/2 {
		c.until = time.Time{}
	}
}

// refuses reports whether attempts are refused now.
func (c *count) refuses(now time.Time) bool { return c != nil && now.Before(c.until) }

// whole returns the failures, rounded up.
func (c *count) whole(now time.Time, limit int, in time.Duration) int {
	if c == nil {
		return 0
	}
	c.leak(now, limit, in)
	return int(math.Ceil(c.n))
}
