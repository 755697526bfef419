package control

import (
	"testing"
	"testing/synctest"
	"time"
)

// The slowest of the last answers counts, and no command that was sent ahead.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pace
		answer := func(after time.Duration) {
			p.reply()
			time.Sleep(after)
			p.command()
			p.command()
		}
		answer(time.Second)
		for i := range 3 {
			if _, known := p.slowest(); known {
				t.Errorf("the pace is known after %d answers", i+1)
			}
			answer(time.Duration(i+1) * time.Millisecond)
		}
		if got, known := p.slowest(); !known || got != time.Second {
			t.Errorf("the slowest answer took %v, known %v", got, known)
		}
		answer(2 * time.Millisecond)
		if got, _ := p.slowest(); got != 3*time.Millisecond {
			t.Errorf("the slowest of the last answers took %v", got)
		}
	})
}
