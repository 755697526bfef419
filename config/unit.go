package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// ParseSize parses a number of bytes, such as "256MiB": a whole number and a unit, which
// may be missing for bytes. at is the place of the value.
//
// A field for it is a string with a range:
//
//	Memory      string    `hcl:"memory,optional"`
//	MemoryRange hcl.Range `hcl:"memory,attr_value_range"`
func ParseSize(text string, at hcl.Range) (int64, hcl.Diagnostics) {
	const advice = `Write a whole number and a unit: B, KiB, MiB, GiB, TiB, or kB, MB, GB, TB for powers of 1000, such as "256MiB".`
	digits := strings.TrimRight(text, "kKMGTiB")
	n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 63)
	unit, ok := unitOf(text[len(digits):])
	if err != nil || !ok {
		return 0, hcl.Diagnostics{Problem(at, "Invalid size", advice)}
	}
	if n > math.MaxInt64/uint64(unit) {
		return 0, hcl.Diagnostics{Problem(at, "Invalid size", "This is more than can be counted. "+advice)}
	}
	return int64(n) * unit, nil
}

// ParseRate parses a number of bytes per second, such as "20MiB/s". at is the place of the
// value, as for ParseSize.
func ParseRate(text string, at hcl.Range) (int64, hcl.Diagnostics) {
	const advice = `Write bytes per second, such as "20MiB/s": a whole number, a unit as of sizes, and "/s".`
	size, ok := strings.CutSuffix(text, "/s")
	if !ok {
		return 0, hcl.Diagnostics{Problem(at, "Invalid rate", advice)}
	}
	n, diags := ParseSize(size, at)
	if diags.HasErrors() {
		return 0, hcl.Diagnostics{Problem(at, "Invalid rate", advice)}
	}
	return n, nil
}

func unitOf(name string) (int64, bool) {
	switch name {
	case "", "B":
		return 1, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	case "TiB":
		return 1 << 40, true
	case "kB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "TB":
		return 1e12, true
	default:
		return 0, false
	}
}

// ParseDuration parses a duration, such as "2m" or "1h30m". It is never negative. at is the
// place of the value, as for ParseSize.
func ParseDuration(text string, at hcl.Range) (time.Duration, hcl.Diagnostics) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		detail := `Write numbers with the units h, m, s or ms, such as "90s", "2m" or "1h30m".`
		if text != "" && strings.Trim(text, "0123456789.") == "" {
			detail = "There is no unit. " + detail
		}
		return 0, hcl.Diagnostics{Problem(at, "Invalid duration", detail)}
	}
	return d, nil
}
