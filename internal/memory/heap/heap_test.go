package heap

import (
	"math"
	"runtime/debug"
	"testing"
)

const mib = 1 << 20

// settings returns what the collector has, and leaves it as it is.
func settings() (percent int, limit int64) {
	percent = debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent, debug.SetMemoryLimit(-1)
}

func want(t *testing.T, when string, percent int, limit int64) {
	t.Helper()
	if p, l := settings(); p != percent || l != limit {
		t.Errorf("%s: %d percent, limit %d, want %d and %d", when, p, l, percent, limit)
	}
}

// begin sets the collector up as the environment would, until the test ends.
func begin(t *testing.T, percent int, limit int64) {
	percentBefore, limitBefore := debug.SetGCPercent(percent), debug.SetMemoryLimit(limit)
	t.Cleanup(func() {
		debug.SetGCPercent(percentBefore)
		debug.SetMemoryLimit(limitBefore)
	})
}

// The collector has what the budget asks for, until the process does not want it any
// more. The soft limit does not count the ballast, which takes no memory.
func TestFollow(t *testing.T) {
	begin(t, 100, math.MaxInt64)
	restore := Follow(256*mib, 1000*mib)
	want(t, "beside a host's limit", 25, (1000-256)*mib/10*9+64*mib)
	restore()
	want(t, "afterwards", 100, math.MaxInt64)

	restore = Follow(256*mib, 0)
	want(t, "without a limit", 25, math.MaxInt64)
	restore()
	want(t, "afterwards", 100, math.MaxInt64)
}

// What the operator has set in the environment stays.
func TestEnvironment(t *testing.T) {
	for name, test := range map[string]struct {
		percent int
		limit   int64
	}{
		"GOGC=200":          {200, math.MaxInt64},
		"GOGC=off":          {-1, math.MaxInt64},
		"GOMEMLIMIT=512MiB": {100, 512 * mib},
	} {
		t.Run(name, func(t *testing.T) {
			begin(t, test.percent, test.limit)
			defer Follow(256*mib, 1000*mib)()
			want(t, "beside "+name, test.percent, test.limit)
		})
	}
}

// A small budget has little garbage, a large one not too much.
func TestBallast(t *testing.T) {
	for budget, want := range map[int64]int64{16 * mib: 32 * mib, 256 * mib: 64 * mib, 1 << 40: 512 * mib} {
		if got := ballastFor(budget); got != want {
			t.Errorf("budget of %d MiB: %d MiB, want %d", budget/mib, got/mib, want/mib)
		}
	}
	// A quarter of it, and what is live, in huge pages.
	if got := garbageFor(256 * mib); got != 22*mib {
		t.Errorf("%d MiB of garbage, want 22", got/mib)
	}
}

func TestLimit(t *testing.T) {
	for _, test := range []struct{ host, budget, want int64 }{
		{1000 * mib, 500 * mib, 450 * mib},
		{400 * mib, 800 * mib, 100 * mib},
	} {
		if got := limit(test.budget, test.host); got != test.want {
			t.Errorf("%d beside %d: %d, want %d", test.host, test.budget, got, test.want)
		}
	}
}
