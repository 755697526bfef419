package azstub

import (
	"slices"
	"time"
)

// Trips returns the length of the longest chain of requests of which each began
// after the one before it had ended: the number of times the client waited for
// the store. Requests that are still under way end last.
//
// Requests on a server without latency may be over before the next one, sent at
// the same time, arrives; they look like a chain then.
func Trips(reqs []Request) int {
	end := func(r Request) time.Time {
		if r.End.IsZero() {
			return time.Unix(1<<40, 0)
		}
		return r.End
	}
	byEnd := slices.Clone(reqs)
	slices.SortFunc(byEnd, func(a, b Request) int { return end(a).Compare(end(b)) })
	// The classic choice of the most non-overlapping intervals: always take the
	// one that ends first.
	var n int
	var last time.Time
	for _, r := range byEnd {
		if n == 0 || !r.Start.Before(last) {
			n++
			last = end(r)
		}
	}
	return n
}
