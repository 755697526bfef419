package ftp

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
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

func TestCloseNotifyAfter(t *testing.T) {
	for _, tt := range []struct {
		name string
		ends []data.Ending
		want closeNotify
		// misses: the next one without is suspect.
		misses bool
	}{
		{"nothing", nil, notSeen, true},
		{"in clear", []data.Ending{data.Unprotected}, notSeen, true},
		{"without", []data.Ending{data.Truncated, data.Unprotected, data.Truncated}, omitted, false},
		{"with", []data.Ending{data.Notified}, sent, true},
		{"with, later without", []data.Ending{data.Notified, data.Truncated, data.Truncated}, sent, true},
		{"without, later with", []data.Ending{data.Truncated, data.Notified, data.Truncated}, sent, true},
	} {
		got := notSeen
		for _, end := range tt.ends {
			got = got.after(end)
		}
		if got != tt.want || got.misses(data.Truncated) != tt.misses || got.misses(data.Notified) || got.misses(data.Unprotected) {
			t.Errorf("%s: %v, misses close_notify: %t, want %v, %t", tt.name, got, got.misses(data.Truncated), tt.want, tt.misses)
		}
	}
}
