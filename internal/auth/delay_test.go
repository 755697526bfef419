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
		if got := Delay(test.first, test.failures, 0); got != test.want {
			t.Errorf("Delay(%v, %d) = %v, want %v", test.first, test.failures, got, test.want)
		}
	}
}

// The time of the answer does not reveal how long the check took.
func TestDelayHidesTheCheck(t *testing.T) {
	const first = 500 * time.Millisecond
	for _, test := range []struct {
		failures   int
		took, want time.Duration // the answer's time, from the password on
	}{
		{1, 0, first},
		{1, 3 * time.Millisecond, first},
		{1, 250 * time.Millisecond, first},
		{1, first, first},
		{1, first + 1, 2 * first},
		{1, 2*first - 1, 2 * first},
		{2, 30 * time.Millisecond, 2 * first},
		{2, 700 * time.Millisecond, 2 * first},
		{2, 2*first + 1, 3 * first},
		{9, 5 * time.Second, maxDelay},
		{9, maxDelay + 1, maxDelay + first},
	} {
		if got := test.took + Delay(first, test.failures, test.took); got != test.want {
			t.Errorf("failure %d that took %v is answered after %v, want %v", test.failures, test.took, got, test.want)
		}
	}
	if got := Delay(0, 1, time.Second); got != 0 {
		t.Errorf("no delay: %v", got)
	}
}
