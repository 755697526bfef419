package local

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

// tempPrefix begins the name of every temporary file. Nothing with such a name
// belongs to a client.
const tempPrefix = ".tidegate-"

var (
	errReserved = errors.New("the name is reserved for temporary files")
	errNoEntry  = errors.New("neither a regular file nor a directory")
)

// newTempName returns a name that no other has.
func newTempName() string { return tempPrefix + rand.Text() }

// isTempName reports whether name is one of ours, on file systems that ignore
// case too.
func isTempName(name string) bool {
	return len(name) >= len(tempPrefix) && strings.EqualFold(name[:len(tempPrefix)], tempPrefix)
}

// hostName returns the name of p below the root, "." for the root itself. The
// error is of KindInvalid for a name that the host would take for another or
// that is ours.
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

// checkName says why no client may use a name here.
func checkName(name string) error {
	switch {
	case isTempName(name):
		return errReserved
	case runtime.GOOS == "windows" && (strings.TrimRight(name, ". ") != name || strings.ContainsAny(name, `\:*?"<>|`)):
		// Windows drops dots and spaces at the end, takes what follows a colon
		// for a stream, and refuses the others in its own time.
		return errors.New("the name is none on Windows")
	}
	return nil
}

// listable reports whether a name found in a directory can be a client's. The
// host's own names below it are not looked at.
func listable(name string) bool {
	_, err := vfs.Path{}.Child(name)
	return err == nil && checkName(name) == nil
}
