package vfs

import "strings"

// CompareNames compares two entries of a directory as stores without directories sort them: a
// directory has the name of what lies in it, so its own name ends with a slash. "a.txt" comes
// before the directory "a", and the file "a" before both.
func CompareNames(a string, aIsDir bool, b string, bIsDir bool) int {
	n := min(len(a), len(b))
	if c := strings.Compare(a[:n], b[:n]); c != 0 {
		return c
	}
	rest := func(s string, isDir bool) string {
		switch {
		case len(s) > n:
			return s[n:]
		case isDir:
			return "/"
		}
		return ""
	}
	return strings.Compare(rest(a, aIsDir), rest(b, bIsDir))
}
