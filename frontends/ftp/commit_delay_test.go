package ftp

import (
	"testing"
	"time"
)

func TestMeasuredDelay(t *testing.T) {
	t.Parallel()
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
