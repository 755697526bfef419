package vfstest

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait for something that must come soon. It is long
// because the machine may be busy; nothing that works takes as long.
const patience = 20 * time.Second

// leakPatience is how long a goroutine may take to end that nobody waits for:
// the other side of a connection that was closed.
const leakPatience = 5 * time.Second

// wantNoLeak fails the test when goroutines that were not there at this moment
// are there at its end, after all cleanups that are registered from now on.
func wantNoLeak(t *testing.T, ambient []string) {
	before := goroutines()
	t.Cleanup(func() {
		var left []string
		for deadline := time.Now().Add(leakPatience); ; {
			left = left[:0]
			for id, stack := range goroutines() {
				if _, old := before[id]; !old && !containsAny(stack, ambient) {
					left = append(left, stack)
				}
			}
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) {
				break
			}
			// A goroutine that was told to end, or a peer that was told that a
			// connection is closed, needs a moment, and nobody reports it.
			<-time.After(time.Millisecond)
		}
		t.Errorf("G6: %d goroutines stay:\n\n%s", len(left), strings.Join(left, "\n\n"))
	})
}

// goroutines returns the stacks of all goroutines but this one by their ids.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	all := map[string]string{}
	for i, stack := range bytes.Split(buf, []byte("\n\n")) {
		// "goroutine 12 [running]:"; the first is the one that asks.
		if fields := strings.Fields(string(stack[:min(len(stack), 40)])); i > 0 && len(fields) > 1 {
			all[fields[1]] = string(stack)
		}
	}
	return all
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
