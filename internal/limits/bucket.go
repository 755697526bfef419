package limits

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// bucket is one bandwidth of one owner.
type bucket struct {
	limiter *rate.Limiter
	limited atomic.Bool

	mu sync.Mutex
	// changed is closed when the rate changes.
	changed chan struct{}
}

func newBucket() *bucket {
	return &bucket{limiter: rate.NewLimiter(rate.Inf, Quantum), changed: make(chan struct{})}
}

// burstsPerSecond is the number of full bursts in a second: after a pause, an eighth of a
// second's bytes may move at once.
const burstsPerSecond = 8

// set changes the rate, in bytes per second; 0 is no limit. Running calls of wait continue with
// the new rate.
func (b *bucket) set(perSecond int64) {
	limit, burst := rate.Inf, Quantum
	if perSecond > 0 {
		limit, burst = rate.Limit(perSecond), int(max(Quantum, perSecond/burstsPerSecond))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limiter.Limit() == limit {
		return
	}
	b.limiter.SetBurst(burst)
	b.limiter.SetLimit(limit)
	b.limited.Store(perSecond > 0)
	close(b.changed)
	b.changed = make(chan struct{})
}

// changes returns a channel that is closed when the rate changes.
func (b *bucket) changes() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// wait takes n tokens, at most Quantum, and waits for them. With 0 it waits until no token
// is owed. The error is the cause of ctx's end. It does not use rate.Limiter.WaitN, which
// fails at once when the deadline of ctx comes before the tokens.
func (b *bucket) wait(ctx context.Context, n int) error {
	for b.limited.Load() {
		changed := b.changes()
		taken := b.limiter.ReserveN(time.Now(), n)
		delay := taken.Delay()
		if delay == 0 {
			return nil
		}
		over, err := b.sleep(ctx, delay, changed)
		if over {
			return nil
		}
		taken.Cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// sleep reports whether the time has passed, and not the rate changed or ctx ended.
func (b *bucket) sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) (over bool, err error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true, nil
	case <-changed:
		return false, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// charge takes n tokens, at most Quantum, without waiting for them. A later call of wait waits
// for them.
func (b *bucket) charge(n int) {
	if n > 0 && b.limited.Load() {
		b.limiter.ReserveN(time.Now(), n)
	}
}
