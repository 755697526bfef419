package ledger

import (
	"bytes"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// wantNoneLeft fails the test when goroutines of this module run after all
// cleanups that are registered from now on, apart from the test's own.
func wantNoneLeft(t *testing.T) {
	t.Cleanup(func() {
		deadline := time.Now().Add(patience)
		for {
			left := goroutines(t)
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("goroutines stay after the stop:\n\n%s", bytes.Join(left, []byte("\n\n")))
				return
			}
			// One that was waited for still runs its last instructions.
			runtime.Gosched()
		}
	})
}

// goroutines returns the stacks, all equal ones as one, of those that run code
// of the gateway, of the store or of its client.
func goroutines(t *testing.T) [][]byte {
	t.Helper()
	var all bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	var left [][]byte
	for _, stack := range bytes.Split(all.Bytes(), []byte("\n\n")) {
		ours := false
		for _, code := range []string{"tidegate/frontends/", "tidegate/backends/", "tidegate/internal/", "net/http.", "ftpserverlib"} {
			ours = ours || bytes.Contains(stack, []byte(code))
		}
		if ours {
			left = append(left, stack)
		}
	}
	return left
}
