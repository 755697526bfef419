package data

import (
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
)

// The log says what the name of a passive host means when that changes, and only then.
func TestPassiveHostChanges(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	a := NewAdvertiser(AdvertiseOptions{Log: slog.New(slog.NewTextHandler(&text, nil))})
	known := map[string]string{}
	one, two := []netip.Addr{netip.MustParseAddr("192.0.2.1")}, []netip.Addr{netip.MustParseAddr("192.0.2.2")}
	for i, step := range []struct {
		addrs []netip.Addr
		err   error
		want  string
	}{
		{one, nil, `level=INFO msg="the passive host has an address" host=ftp.example addresses=[192.0.2.1]`},
		{one, nil, ""},
		{two, nil, "addresses=[192.0.2.2]"},
		{nil, errors.New("no such host"), `level=WARN msg="the passive host has no IPv4 address`},
		{nil, errors.New("no such host"), ""},
		{two, nil, "addresses=[192.0.2.2]"},
	} {
		text.Reset()
		a.noteHost("ftp.example", step.addrs, step.err, known)
		if got := text.String(); !strings.Contains(got, step.want) || step.want == "" && got != "" {
			t.Errorf("step %d logs %q, want %q", i, got, step.want)
		}
	}
}
