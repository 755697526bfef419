package vfs

import (
	"cmp"
	"slices"
	"testing"
)

// The order is that of the names with a slash behind those of directories.
func TestCompareNames(t *testing.T) {
	var names []string
	for _, name := range []string{"", "a", "a!", "a.txt", "a0", "ab", "b", "aa", "ä"} {
		names = append(names, name, name+"/")
	}
	for _, a := range names {
		for _, b := range names {
			name := func(s string) (string, bool) {
				if s != "" && s[len(s)-1] == '/' {
					return s[:len(s)-1], true
				}
				return s, false
			}
			aName, aIsDir := name(a)
			bName, bIsDir := name(b)
			if got, want := CompareNames(aName, aIsDir, bName, bIsDir), cmp.Compare(a, b); got != want {
				t.Errorf("%q and %q: %d, want %d", a, b, got, want)
			}
		}
	}
	slices.Sort(names)
	if !slices.Contains(names, "a/") {
		t.Error("there are no directories")
	}
}
