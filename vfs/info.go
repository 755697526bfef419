package vfs

import "time"

// Type is the type of an entry.
type Type uint8

// The types of entries. TypeAny is the type of no entry: as an argument it means either of
// the others.
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
	// ModTime is the time that a client has set, otherwise the time of the commit. A
	// directory without a time of its own has the newest time among the entries in it, or
	// beside it, that the same request to the store returned; zero when there is none.
	ModTime time.Time
	// Version changes whenever the content does. It is "" where the store has no versions.
	// Versions can only be compared for equality.
	Version string
	// MD5 is the MD5 of the content, as its 16 bytes, where the store keeps one and the
	// same answer of the store has it; "" otherwise. The store does not verify it: a
	// program may have stored a wrong one.
	MD5 string
	// Access is who may use the entry, where the store knows that and is configured to say
	// it; nil otherwise. It is for display: a View does not look at it.
	Access *Access
}

// Access is owner, group and permissions of an entry, in the words of the store.
type Access struct {
	Owner, Group string
	// Permissions are those of owner, group and others, as in "rwxr-x---"; more may follow.
	Permissions string
}

// IsDir reports whether the entry is a directory.
func (i Info) IsDir() bool { return i.Type == TypeDir }

// FitsNanoseconds reports whether t can be counted in nanoseconds since 1970 in 64
// bits, which is from 1678 to 2262. Many systems count so and store other times wrongly: a
// Backend over such a system refuses them with KindInvalid.
func FitsNanoseconds(t time.Time) bool { return time.Unix(0, t.UnixNano()).Equal(t) }
