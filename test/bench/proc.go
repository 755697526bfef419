package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used up to now.
type usage struct {
	cpu time.Duration // user and system
	// rss is the memory that it has now, peak the most that it ever had.
	rss, peak int64
}

func usageOf(pid int) (usage, error) {
	var u usage
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, err
	}
	if u.cpu, err = parseStat(string(stat)); err != nil {
		return u, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	var errs [2]error
	u.rss, errs[0] = parseKB(string(status), "VmRSS:")
	u.peak, errs[1] = parseKB(string(status), "VmHWM:")
	return u, errors.Join(errs[:]...)
}

// tick is the unit of times in /proc, the same on all architectures of Linux
// that Go knows.
const tick = 10 * time.Millisecond

// parseStat returns utime and stime of /proc/PID/stat, fields 14 and 15. The
// second field, the name in parentheses, may hold anything.
func parseStat(text string) (time.Duration, error) {
	rest := text[strings.LastIndexByte(text, ')')+1:]
	fields := strings.Fields(rest)
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("no CPU time in %q", text)
	}
	user, err1 := strconv.ParseInt(fields[utime], 10, 64)
	system, err2 := strconv.ParseInt(fields[stime], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// parseKB returns the bytes of a line such as "VmHWM:	  1234 kB", which
// /proc/PID/status and /proc/meminfo have.
func parseKB(text, key string) (int64, error) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no %s", key)
}
