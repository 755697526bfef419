package ephemeral

import "testing"

func TestGivenOut(t *testing.T) {
	for _, tt := range []struct {
		port            int
		whole, reserved string
		want            bool
	}{
		{50000, "32768\t60999\n", "\n", true},
		{32768, "32768\t60999\n", "\n", true},
		{60999, "32768\t60999\n", "\n", true},
		{30007, "32768\t60999\n", "\n", false},
		{61000, "32768\t60999\n", "\n", false},
		{50000, "32768\t60999\n", "8080,50000\n", false},
		{50003, "32768\t60999\n", "50000-50007\n", false},
		{50008, "32768\t60999\n", "50000-50007\n", true},
		{50000, "", "", false},
		{50000, "a b", "", false},
		{50000, "32768 60999", "x-y,-", true},
	} {
		if got := givenOut(tt.port, tt.whole, tt.reserved); got != tt.want {
			t.Errorf("port %d, range %q, reserved %q: %v, want %v", tt.port, tt.whole, tt.reserved, got, tt.want)
		}
	}
}
