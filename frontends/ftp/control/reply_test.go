package control

import "testing"

func TestLastLine(t *testing.T) {
	tests := []struct {
		first, text string
		code        int
		ok          bool
	}{
		{"226 done", "226 done", 226, true},
		{"211-Features", "211-Features", 0, false},
		{"211-Features", " UTF8", 0, false},
		{"211-Features", "211 End", 211, true},
		{"211-Features", "226 not the end", 0, false},
		{"", "", 0, false},
		{"ab", "ab", 0, false},
		{"000 x", "000 x", 0, false},
		{"+12 x", "+12 x", 0, false},
		{"600 x", "600 x", 0, false},
	}
	for _, tt := range tests {
		code, ok := LastLine(tt.first, tt.text)
		if ok != tt.ok || ok && code != tt.code {
			t.Errorf("LastLine(%q, %q) = %d, %v, want %d, %v", tt.first, tt.text, code, ok, tt.code, tt.ok)
		}
	}
}
