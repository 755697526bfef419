package vfs

import "time"

// Type tells what an entry is.
type Type uint8

// The types of entries. TypeAny is no entry's type: it asks for either.
const (
	TypeAny Type = iota
	TypeFile
	TypeDir
)

func (t Type) String() string {
	switch t {
	case TypeFile:
		return "file"
	case TypeDir:
		return "directory"
	default:
		return "entry"
	}
}

// Info describes one entry.
type Info struct {
	// Name is the last element of the entry's path, "" for the root.
	Name string
	Type Type
	// Size is in bytes, 0 for a directory.
	Size int64
	// ModTime is the time that a client set, or else when the content was
	// committed. Of a directory that has none of its own it is the newest time
	// that the store told along the way, of what lies in it or beside it; zero
	// when there is none.
	ModTime time.Time
	// Version changes whenever the content does and is "" where the store
	// has no such thing. Only equality means anything.
	Version string
	// MD5 is the sum of the content, as its 16 bytes, where the store keeps one
	// and tells it in the answer at hand; "" otherwise. It is as good as whoever
	// stored it.
	MD5 string
}

// IsDir reports whether the entry is a directory.
func (i Info) IsDir() bool { return i.Type == TypeDir }

// FitsNanoseconds reports whether t can be counted in nanoseconds since 1970 in 64
// bits, which is from 1678 to 2262. Many systems count so, and turn other times into
// something else: a Backend over such a system refuses them with KindInvalid.
func FitsNanoseconds(t time.Time) bool { return time.Unix(0, t.UnixNano()).Equal(t) }
