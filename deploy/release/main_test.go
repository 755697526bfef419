package main

import (
	"strings"
	"testing"
)

// What is misspelled is not left out.
func TestFlags(t *testing.T) {
	for flag, value := range map[string]string{"-platforms": "linux/amd64,linux/amd46", "-kinds": "deb,rmp"} {
		if err := run(t.Context(), []string{flag, value}); err == nil || !strings.Contains(err.Error(), flag+" "+value) {
			t.Errorf("%s %s: %v", flag, value, err)
		}
	}
}
