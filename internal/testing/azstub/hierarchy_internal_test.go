package azstub

import (
	"slices"
	"testing"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "", "a": "a", "/a": "a", "a/": "a", "a//b": "a/b", "///": "", "a/ /b": "a/ /b"} {
		if got := cleanPath(path); got != want {
			t.Errorf("%q became %q, want %q", path, got, want)
		}
	}
	want := []string{"a", "a/", "a/b", "a/b/c", "a/b-", "a!", "a-b", "ab"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, comparePaths)
	if !slices.Equal(got, want) {
		t.Errorf("sorted %q", got)
	}
	if parentOf("a/b") != "a" || parentOf("a") != "" || baseOf("a/b") != "b" || baseOf("a") != "a" {
		t.Error("parent or base")
	}
}
