package loglimit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever the number of keys is, memory and lines are bounded, and the counts add
// up.
func TestManyKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted, lines := 0, 0
		l := New(func(_ string, count int, _ string) { counted += count; lines++ })
		kept := func() int {
			l.mu.Lock()
			defer l.mu.Unlock()
			return len(l.counts)
		}
		first := 0
		const events = 5 * maxKeys
		for i := range events {
			if l.Note(fmt.Sprint("key", i), "last") {
				first++
			}
		}
		if kept() > maxKeys+1 || first != maxKeys+1 {
			t.Errorf("%d keys are kept, %d events are written", kept(), first)
		}
		time.Sleep(Quiet)
		synctest.Wait()
		if first+counted != events || lines != 1 {
			t.Errorf("%d events are written and %d counted in %d lines, of %d", first, counted, lines, events)
		}
		time.Sleep(Quiet)
		synctest.Wait()
		if kept() != 0 {
			t.Errorf("after a minute of peace %d keys are kept", kept())
		}
		l.Close()
	})
}
