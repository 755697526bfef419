package leak

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// Check fails the test if goroutines that are started from now on still run after all cleanups
// that are registered from now on. It ignores goroutines whose stacks contain one of except.
func Check(t testing.TB, except ...string) {
	t.Helper()
	Within(t, patience.Limit(), except...)
}

// Within is Check with another time for goroutines to end.
func Within(t testing.TB, limit time.Duration, except ...string) {
	t.Helper()
	before := Stacks()
	wantNone(t, limit, func(id, stack string) bool {
		_, old := before[id]
		return !old && !containsAny(stack, except)
	})
}

// CheckOf fails the test when goroutines whose stacks hold one of parts run after
// all cleanups that are registered from now on, whenever they were started.
func CheckOf(t testing.TB, parts ...string) {
	t.Helper()
	wantNone(t, patience.Limit(), func(_, stack string) bool { return containsAny(stack, parts) })
}

func wantNone(t testing.TB, limit time.Duration, leaks func(id, stack string) bool) {
	t.Cleanup(func() {
		t.Helper()
		late := time.After(limit)
		for pause := time.Millisecond; ; pause *= 2 {
			var left []string
			for id, stack := range Stacks() {
				if leaks(id, stack) {
					left = append(left, stack)
				}
			}
			if len(left) == 0 {
				return
			}
			select {
			case <-time.After(pause):
			case <-late:
				t.Errorf("%d goroutines stay:\n\n%s", len(left), strings.Join(left, "\n\n"))
				return
			}
		}
	})
}

// Stacks returns the stacks of all goroutines but the caller's, by id.
func Stacks() map[string]string {
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	all := map[string]string{}
	for i, stack := range bytes.Split(buf[:n], []byte("\n\n")) {
		// "goroutine 12 [running]:" is the first line; the caller comes first.
		if head := strings.Fields(string(stack[:min(len(stack), 40)])); i > 0 && len(head) > 1 {
			all[head[1]] = string(stack)
		}
	}
	return all
}

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
