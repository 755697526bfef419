package main

import (
	"testing"
	"time"
)

func TestVersionOf(t *testing.T) {
	committed := time.Date(2026, 11, 29, 18, 5, 9, 0, time.UTC)
	for described, want := range map[string]version{
		"v0.1.0":                  "0.1.0",
		"v1.2.3-rc.1":             "1.2.3-rc.1",
		"v0.1.0-dirty":            "0.0.0-dev.20261129180509.gabc1234.dirty",
		"v0.1.0-12-gabc1234":      "0.0.0-dev.20261129180509.gabc1234",
		"v0.1.0-1-gabc1234-dirty": "0.0.0-dev.20261129180509.gabc1234.dirty",
		"abc1234":                 "0.0.0-dev.20261129180509.gabc1234",
	} {
		if got := versionOf(described, "abc1234", committed); got != want {
			t.Errorf("%s: %s, want %s", described, got, want)
		}
	}
}
