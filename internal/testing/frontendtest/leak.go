package frontendtest

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// wantNoLeak fails the test when goroutines that are not there now are there
// after all cleanups that are registered from now on.
func wantNoLeak(t *testing.T, ambient []string) {
	before := goroutines()
	t.Cleanup(func() {
		deadline := time.Now().Add(patience)
		for {
			left := newGoroutines(before, ambient)
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("%d goroutines stay after the stop:\n\n%s", len(left), strings.Join(left, "\n\n"))
				return
			}
			// One that was waited for still runs its last instructions.
			runtime.Gosched()
		}
	})
}

func newGoroutines(before map[string]string, ambient []string) []string {
	var left []string
	for id, stack := range goroutines() {
		_, old := before[id]
		if !old && !slices.ContainsFunc(ambient, func(part string) bool { return strings.Contains(stack, part) }) {
			left = append(left, stack)
		}
	}
	return left
}

// goroutines returns the stacks of all goroutines but the caller's, by id.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
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
