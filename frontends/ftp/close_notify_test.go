package ftp

import (
	"testing"

	"github.com/tidegate/tidegate/frontends/ftp/data"
)

func TestCloseNotifyAfter(t *testing.T) {
	t.Parallel()
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
