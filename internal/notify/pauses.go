package notify

import (
	"math/rand/v2"
	"time"
)

// pauses say how long an endpoint sends nothing, because the receiver is busy or does not
// answer. The zero value is that of a receiver that accepts events.
type pauses struct {
	// failures is how many pauses there were since the last accepted event, since the time of
	// the first one. began is when the last one began, until when it ends.
	failures            int
	since, began, until time.Time
}

// left returns how much of the pause is left.
func (p *pauses) left(now time.Time) time.Duration { return p.until.Sub(now) }

// add begins a pause, because of an attempt that began at a time and has failed now. It
// reports whether it is the first one. Attempts that were on their way together count once.
func (p *pauses) add(after time.Duration, begun, now time.Time) (first bool) {
	if p.failures == 0 || !begun.Before(p.began) {
		if first = p.failures == 0; first {
			p.since = now
		}
		p.failures++
		p.began, p.until = now, now.Add(jitter(backoff(p.failures, maxPause)))
	}
	if until := now.Add(min(after, maxAfter)); until.After(p.until) {
		p.until = until
	}
	return first
}

const (
	// firstDelay is the time until the second attempt. Each further one takes twice as long,
	// up to maxDelay for an event and maxPause for an endpoint.
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
	maxPause   = time.Minute
	// maxAfter is the longest pause that a receiver can ask for.
	maxAfter = time.Hour
)

// backoff returns the delay after a number of failures, without the random part.
func backoff(failures int, most time.Duration) time.Duration {
	if failures > 20 {
		return most
	}
	return min(firstDelay<<max(failures-1, 0), most)
}

// jitter returns a delay of four fifths to six fifths of d, so that nodes do not come back
// together.
func jitter(d time.Duration) time.Duration { return d*4/5 + rand.N(d*2/5+1) }
