package azblob

import (
	"cmp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidegate/tidegate/vfs"
)

// Limits of blob names, documented under "Naming and referencing containers,
// blobs, and metadata".
const (
	maxNameUnits = 1024 // UTF-16 code units
	maxSegments  = 254
)

// delimiter separates directories. It is the only one: a backslash, which the service
// treats as the same, is refused.
const delimiter = "/"

// blobName returns the name of the blob that is the file p, or an error of
// KindInvalid when no blob of the account can have that name. The root has none.
func blobName(dirs directories, p vfs.Path) (string, error) {
	name := p.Rel()
	if reason := cmp.Or(badName(name), dirs.refuses(name)); reason != "" {
		return "", &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
	}
	return name, nil
}

// badName returns why the service cannot store the name as it is, "" when it can. Names are
// refused and never changed: every program finds a file under the name that the client
// gave. A vfs.Path has already refused control characters below U+0020 and invalid UTF-8.
func badName(name string) string {
	units, segments := 0, 1
	last := rune('/')
	for _, r := range name {
		switch {
		case r == '/':
			segments++
		case r == '\\':
			return "name holds a backslash, which the store takes for a slash"
		case r >= 0x80 && r < 0xa0:
			return "name holds a control character"
		case r&0xfffe == 0xfffe:
			// Not in XML: one such name breaks the listing of a container.
			return "name holds a noncharacter of Unicode"
		case r == utf8.RuneError:
			// Also listed by a service that was sent invalid UTF-8.
			return "name holds the replacement character"
		}
		if r == '/' && last == '.' {
			return reasonDot
		}
		last = r
		units += utf16.RuneLen(r)
	}
	switch {
	case last == '.':
		return reasonDot
	case units > maxNameUnits:
		return "name is longer than 1,024 characters"
	case segments > maxSegments:
		return "name has more than 254 levels"
	}
	return ""
}

const reasonDot = "name ends with a dot"

// dirPrefix returns the prefix of the names of all blobs below the directory name, "" for
// the root. It is also the name of the marker in the form MarkersSlash.
func dirPrefix(name string) string {
	if name == "" {
		return ""
	}
	return name + delimiter
}

// entryName returns the name of the entry for an element of a listing, and whether a path
// can name it.
func entryName(dir vfs.Path, element string) (string, bool) {
	if _, err := dir.Child(element); err != nil {
		return "", false
	}
	return element, badName(element) == ""
}

// parentOf reports whether b lies below a.
func parentOf(a, b string) bool { return strings.HasPrefix(b, dirPrefix(a)) }

// asideDir is the directory, in the root of the container, for files that are renamed over
// others (aside.go).
const asideDir = ".tidegate-tmp"

// isAside reports whether a name is that of the directory, or in it.
func isAside(name string) bool { return name == asideDir || parentOf(asideDir, name) }
