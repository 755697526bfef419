package auth

import (
	"math"
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	for _, test := range []struct {
		first    time.Duration
		failures int
		want     time.Duration
	}{
		{500 * time.Millisecond, 1, 500 * time.Millisecond},
		{500 * time.Millisecond, 2, time.Second},
		{500 * time.Millisecond, 5, 8 * time.Second},
		{500 * time.Millisecond, 6, 8 * time.Second},
		{500 * time.Millisecond, math.MaxInt, 8 * time.Second},
		{3 * time.Second, 3, 8 * time.Second},
		{time.Hour, 1, 8 * time.Second},
		{1, 3, 4},
	} {
		if got := Delay(test.first, test.failures); got != test.want {
			t.Errorf("Delay(%v, %d) = %v, want %v", test.first, test.failures, got, test.want)
		}
	}
}
