package patience

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	// limit is longer than an idle machine takes for any event that comes by itself.
	limit = time.Minute
	// most is the largest factor of Limit, so that every wait ends.
	most = 16
	// mostScaled is the largest factor of Scale, whose times tests wait for in full.
	mostScaled = 4
	// unknown is the factor where the load cannot be measured.
	unknown = 4
)

// Limit returns how long to wait for an event that comes by itself.
func Limit() time.Duration { return times(limit, current()) }

// Scale returns about how long this machine takes at present for what an idle one does
// in d.
func Scale(d time.Duration) time.Duration { return times(d, min(current(), mostScaled)) }

func times(d time.Duration, factor float64) time.Duration { return time.Duration(factor * float64(d)) }

// current returns the factor of this moment.
func current() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return unknown
	}
	return factor(string(text), runtime.NumCPU())
}

// factor returns how many programs share a processor, by the text of /proc/loadavg: by
// the mean of the last minute, or by the number at this moment if that is larger.
func factor(text string, processors int) float64 {
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return unknown
	}
	mean, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return unknown
	}
	now, _, _ := strings.Cut(fields[3], "/")
	running, err := strconv.ParseFloat(now, 64)
	if err != nil {
		return unknown
	}
	return min(max(1, max(mean, running)/float64(processors)), most)
}
