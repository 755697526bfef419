package patience

import (
	"testing"
	"time"
)

func TestFactor(t *testing.T) {
	tests := []struct {
		name, text string
		want       float64
	}{
		{"idle", "0.10 2.00 3.00 1/200 4711\n", 1},
		{"as many as processors", "2.00 0.00 0.00 2/200 4711\n", 1},
		{"busy", "6.00 0.00 0.00 2/200 4711\n", 3},
		{"busy of late", "0.50 0.00 0.00 9/200 4711\n", 4.5},
		{"overloaded", "1000.00 0.00 0.00 2/2000 4711\n", most},
		{"other text", "x\n", unknown},
		{"other numbers", "a b c d/e 1\n", unknown},
		{"other count", "1.00 2.00 3.00 x/200 1\n", unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := factor(tt.text, 2); got != tt.want {
				t.Errorf("factor(%q, 2) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

func TestScaleNeverShortens(t *testing.T) {
	if got := Scale(time.Second); got < time.Second || got > mostScaled*time.Second {
		t.Errorf("Scale(1s) = %v, want 1s to %ds", got, mostScaled)
	}
	if got := Limit(); got < time.Minute {
		t.Errorf("Limit() = %v, want a minute or more", got)
	}
}
