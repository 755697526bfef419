package ledger

import (
	"crypto/sha256"
	"fmt"
)

// Content is what a name holds: the hash of a file, or nothing, which is the zero
// value. Values can be compared.
type Content struct {
	Exists bool
	Size   int
	sum    [sha256.Size]byte
	// start is the beginning of the file, for people.
	start string
}

// Of is the content of a file.
func Of(b []byte) Content {
	const shown = 24
	return Content{Exists: true, Size: len(b), sum: sha256.Sum256(b), start: string(b[:min(shown, len(b))])}
}

func (c Content) String() string {
	if !c.Exists {
		return "no file"
	}
	return fmt.Sprintf("%d bytes %.24q… (%x)", c.Size, c.start, c.sum[:4])
}
