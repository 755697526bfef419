package config

import (
	"math"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
)

func TestParseSize(t *testing.T) {
	tests := []struct {
		text string
		want int64 // -1 is an error
	}{
		{"0", 0},
		{"1", 1},
		{"512B", 512},
		{"256MiB", 256 << 20},
		{"256 MiB", 256 << 20},
		{"1KiB", 1 << 10},
		{"3GiB", 3 << 30},
		{"2TiB", 2 << 40},
		{"5kB", 5_000},
		{"5MB", 5_000_000},
		{"5GB", 5_000_000_000},
		{"5TB", 5_000_000_000_000},
		{"9223372036854775807", math.MaxInt64},
		{"9223372036854775808", -1},
		{"8388608TiB", -1},
		{"8388607TiB", 8388607 << 40},
		{"", -1},
		{"MiB", -1},
		{"-1MiB", -1},
		{"+1MiB", -1},
		{"1.5GiB", -1},
		{"256M", -1},
		{"256mib", -1},
		{"256MiBB", -1},
		{"0x10", -1},
		{"1_000", -1},
	}
	at := whole("x.hcl")
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, diags := ParseSize(test.text, at)
			if test.want < 0 {
				wantProblem(t, diags, at)
				return
			}
			if diags.HasErrors() || got != test.want {
				t.Errorf("ParseSize(%q) = %d, %v, want %d", test.text, got, diags, test.want)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	at := whole("x.hcl")
	for text, want := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "5ms": 5 * time.Millisecond,
		"": -1, "90": -1, "-1s": -1, "1d": -1, "soon": -1, "9999999999h": -1,
	} {
		got, diags := ParseDuration(text, at)
		switch {
		case want < 0:
			wantProblem(t, diags, at)
		case diags.HasErrors() || got != want:
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, diags, want)
		}
	}
}

func wantProblem(t *testing.T, diags hcl.Diagnostics, at hcl.Range) {
	t.Helper()
	if len(diags) != 1 || !diags.HasErrors() || diags[0].Subject == nil || *diags[0].Subject != at || diags[0].Detail == "" {
		t.Errorf("got %v, want one error with a detail at %v", diags, at)
	}
}
