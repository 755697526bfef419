package ftp

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestMeasuredDelay(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for _, tt := range []struct {
		name                     string
		shortest, latest, answer time.Duration
		want                     time.Duration
	}{
		{"loopback", 10 * us, 12 * us, 90 * us, ms},
		{"loopback, a slow client", 10 * us, 12 * us, 600 * us, 2400 * us},
		{"loopback, a busy client", 10 * us, 12 * us, 7 * ms, 5 * ms},
		{"a near network", 300 * us, 400 * us, 350 * us, 1600 * us},
		{"a near network that is busy", 300 * us, 8 * ms, 350 * us, 5 * ms},
		{"a far network", 40 * ms, 40 * ms, 41 * ms, 5 * ms},
		{"a far network that varies", 40 * ms, 52 * ms, 53 * ms, 17 * ms},
		{"one that varies much", 40 * ms, 900 * ms, time.Second, 50 * ms},
		{"a data connection that is nearer", 40 * ms, 38 * ms, 40 * ms, 5 * ms},
	} {
		if got := measuredDelay(tt.shortest, tt.latest, tt.answer); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

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
