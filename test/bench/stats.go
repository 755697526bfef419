package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// percentile returns the smallest value such that at least the share p of the values
// is not larger (nearest rank). It returns 0 if there are no values.
func percentile(values []time.Duration, p float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// median returns the middle value, the mean of the two in the middle when their
// number is even.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// moved is what it took to move some bytes.
type moved struct {
	bytes   int64
	elapsed time.Duration
	cpu     time.Duration
}

// rate is in MiB/s.
func (m moved) rate() float64 { return float64(m.bytes) / mib / m.elapsed.Seconds() }

// cost is in CPU seconds for each GiB.
func (m moved) cost() float64 { return m.cpu.Seconds() * gib / float64(m.bytes) }

// atMost and atLeast compare with a target, as exactly as tables show the value,
// and say so in the cell of one.

func atMost(value, target float64) string  { return metOrMissed(shown(value) <= target) }
func atLeast(value, target float64) string { return metOrMissed(shown(value) >= target) }

func shown(value float64) float64 { return math.Round(value*100) / 100 }

func metOrMissed(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

func bytesText(n int64) string {
	switch {
	case n >= gib && n%gib == 0:
		return fmt.Sprintf("%d GiB", n/gib)
	case n >= 10*mib || n >= mib && n%mib == 0:
		return fmt.Sprintf("%d MiB", n/mib)
	case n >= mib:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%d KiB", n/kib)
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
