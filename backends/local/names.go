package local

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

// tempPrefix begins the name of every temporary file. Clients cannot use such names.
const tempPrefix = ".tidegate-"

var (
	errReserved = errors.New("the name is reserved for temporary files")
	errNoEntry  = errors.New("neither a regular file nor a directory")
)

// newTempName returns a unique name.
func newTempName() string { return tempPrefix + rand.Text() }

// isTempName reports whether name is that of a temporary file, also on file systems that
// ignore case.
func isTempName(name string) bool {
	return len(name) >= len(tempPrefix) && strings.EqualFold(name[:len(tempPrefix)], tempPrefix)
}

// hostName returns the name of p below the root, "." for the root itself. The error is of
// KindInvalid for a reserved name, and for a name that the host would change.
func hostName(p vfs.Path) (string, error) {
	if p.IsRoot() {
		return ".", nil
	}
	for name := range strings.SplitSeq(p.Rel(), "/") {
		if err := checkName(name); err != nil {
			return "", vfs.NewError(vfs.KindInvalid, err)
		}
	}
	name, err := filepath.Localize(p.Rel())
	if err != nil {
		return "", vfs.NewError(vfs.KindInvalid, err)
	}
	return name, nil
}

// checkName returns the reason why a client may not use a name, or nil.
func checkName(name string) error {
	switch {
	case isTempName(name):
		return errReserved
	case runtime.GOOS == "windows" && (strings.TrimRight(name, ". ") != name || strings.ContainsAny(name, `\:*?"<>|`)):
		// Windows drops dots and spaces at the end, takes the text after a colon for a
		// stream, and refuses the others later.
		return errors.New("the name is not valid on Windows")
	}
	return nil
}

// listable reports whether a name in a directory is visible to clients. It does not check
// for names that only the host refuses.
func listable(name string) bool {
	_, err := vfs.Path{}.Child(name)
	return err == nil && checkName(name) == nil
}
