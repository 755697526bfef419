package azstub

import (
	"context"
	"sync"
	"time"
)

const (
	// slack is the debt below which a pacer does not sleep, because timers are
	// coarser than this. The pacer keeps the debt.
	slack = time.Millisecond
	// leeway is how far a stream may fall behind its schedule and still catch up:
	// late wake-ups do not lower the rate, but a stream cannot make up for a pause.
	leeway = 20 * time.Millisecond
)

// pacer holds a stream of bytes to a rate. A nil pacer does not limit.
type pacer struct {
	rate int64 // bytes per second
	mu   sync.Mutex
	due  time.Time // when what was reserved so far will have passed
}

func newPacer(rate int64) *pacer {
	if rate <= 0 {
		return nil
	}
	return &pacer{rate: rate}
}

// reserve books n bytes and returns how long to wait until they have passed.
func (p *pacer) reserve(n int) time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.due) > leeway {
		p.due = now
	}
	p.due = p.due.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	return p.due.Sub(now)
}

// stream is one direction of one request: its own rate and the shared one.
type stream struct {
	own, shared *pacer
	step        int // bytes to move between two looks at the clock
}

func newStream(rate int64, shared *pacer) stream {
	s := stream{own: newPacer(rate), shared: shared, step: bufferSize}
	for _, p := range []*pacer{s.own, s.shared} {
		if p != nil { // about fifty steps a second, for a smooth flow
			s.step = int(min(int64(s.step), max(p.rate/50, 4<<10)))
		}
	}
	return s
}

// wait holds the caller until n more bytes may have passed.
func (s *stream) wait(ctx context.Context, n int) error {
	d := max(s.own.reserve(n), s.shared.reserve(n))
	if d < slack {
		return nil
	}
	return pause(ctx, d)
}

// pause waits for d or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
