package finetimer_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/finetimer"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// A timer ends after its time, and not before, whichever kind it is.
func TestTimer(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{time.Nanosecond, time.Millisecond, 20 * time.Millisecond} {
		began := time.Now()
		timer := finetimer.New(d)
		<-timer.C
		if took := time.Since(began); took < d {
			t.Errorf("a timer of %v ended after %v", d, took)
		}
		timer.Stop()
	}
}

// A timer that is stopped does not end, and nothing of it stays.
func TestStop(t *testing.T) {
	leak.Check(t)
	for _, d := range []time.Duration{5 * time.Millisecond, time.Hour} {
		timer := finetimer.New(d)
		timer.Stop()
		select {
		case <-timer.C:
			t.Errorf("a stopped timer of %v ended", d)
		default:
		}
	}
}

// BenchmarkMillisecond shows the time of a wait of one millisecond beside network traffic.
func BenchmarkMillisecond(b *testing.B) {
	for b.Loop() {
		timer := finetimer.New(time.Millisecond)
		<-timer.C
		timer.Stop()
	}
}
