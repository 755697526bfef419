package azblob

import (
	"testing"
	"time"
)

// TestEndOfSAS: the end is noticed in each form in which it may be written.
func TestEndOfSAS(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	tests := []struct{ token, want string }{
		{"sig=1", ""},
		{"sig=1&se=2027-01-01T00%3A00%3A00Z", ""},
		{"sig=1&se=2026-12-05T12%3A00%3A00Z", "It expires at 2026-12-05T12:00:00Z, in 6 days."},
		{"sig=1&se=2026-12-05T12:00Z", "It expires at 2026-12-05T12:00:00Z, in 6 days."},
		{"sig=1&se=2026-12-05", "It expires at 2026-12-05T00:00:00Z, in 5 days."},
		{"sig=1&se=2026-11-29T12:00:00Z", "It has expired at 2026-11-29T12:00:00Z."},
		{"sig=1&se=2020-01-01", "It has expired at 2020-01-01T00:00:00Z."},
		{"sig=1&se=never", ""},
		{"%zz", ""},
	}
	for _, test := range tests {
		if got := endOfSAS(test.token, now); got != test.want {
			t.Errorf("%s: %q, want %q", test.token, got, test.want)
		}
	}
}
