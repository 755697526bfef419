package heap

import (
	"math"
	"runtime"
	"runtime/debug"
)

const (
	// percent of the live heap and the ballast is how much garbage there may be.
	percent = 25
	// The ballast is this part of the budget, within these bounds. With the
	// least, 8 MiB of garbage run a collection.
	ballastPart  = 4
	leastBallast = 32 << 20
	mostBallast  = 512 << 20
)

// The collector as Go has it without GOGC and GOMEMLIMIT.
const (
	defaultPercent = 100
	defaultLimit   = math.MaxInt64
)

// Follow sets the garbage collector up for a process with a memory budget on a host with
// a limit, both in bytes; 0 is no known limit. restore ends that. It is called once at a
// time. It does nothing where GOGC or GOMEMLIMIT has set the collector up.
func Follow(budget, host int64) (restore func()) {
	percentBefore, limitBefore := debug.SetGCPercent(percent), debug.SetMemoryLimit(-1)
	if percentBefore != defaultPercent || limitBefore != defaultLimit {
		debug.SetGCPercent(percentBefore)
		return func() {}
	}
	ballast := place(budget)
	runtime.GC() // what place leaves is free from now on
	if host > 0 {
		debug.SetMemoryLimit(limit(budget, host) + int64(len(ballast)))
	}
	return func() {
		debug.SetGCPercent(percentBefore)
		debug.SetMemoryLimit(limitBefore)
		runtime.KeepAlive(ballast)
	}
}

// place returns the ballast. It leaves free addresses below it, which the heap therefore
// uses first, and which the system may back with huge pages. None of them is touched yet.
func place(budget int64) (ballast []byte) {
	garbage := make([]byte, garbageFor(budget))
	ballast = make([]byte, ballastFor(budget))
	advise(garbage)
	return ballast
}

// ballastFor returns how many bytes of addresses the collector counts as live.
func ballastFor(budget int64) int64 {
	return min(max(budget/ballastPart, leastBallast), mostBallast)
}

// garbageFor returns how much garbage there is with few sessions, and some MiB that are
// live.
func garbageFor(budget int64) int64 { return (ballastFor(budget)/100*percent + 7<<20) &^ (1<<21 - 1) }

// limit is a soft limit for what the heap takes on a host beside a budget most of which
// lies outside of the heap: nine tenths of what the budget leaves, and at least a quarter
// of the whole.
func limit(budget, host int64) int64 { return max((host-budget)/10*9, host/4) }
