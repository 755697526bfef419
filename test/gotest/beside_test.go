package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBeside: each command runs, whatever becomes of the one before, and one that fails is an
// error, with all that it says.
func TestBeside(t *testing.T) {
	var out strings.Builder
	costs, err := runBeside(t.Context(), commands{"echo why; exit 3", "printf fine"}, &out)
	if err == nil || err.Error() != "echo why; exit 3: exit status 3" {
		t.Errorf("got %v, want the status of the first command", err)
	}
	got := regexp.MustCompile(`\d+\.\ds`).ReplaceAllString(out.String(), "…")
	want := "fail echo why; exit 3 (…)\n    why\npass printf fine (…)\n    fine\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(costs) != 2 {
		t.Errorf("%d commands have costs, want 2", len(costs))
	}
}
