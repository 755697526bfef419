package sftp

import "fmt"

// mode is how an upload writes its file. The package documentation has the diagram.
type mode uint8

const (
	// undecided: nothing is written, and no writer is open. A file may be there; the
	// first WRITE decides.
	undecided mode = iota
	// positioned: the writer stands at the end of the file that is there. The file
	// was opened with APPEND, and the first WRITE shows where offsets count from.
	positioned
	// replacing: the writer holds a new file, of which every byte is the client's.
	replacing
	// rewriting: the writer holds a new file, but the file that is there was not
	// truncated. It is replaced only when nothing of it would be lost.
	rewriting
	// appending: the writer adds to the file that is there.
	appending
	// copying: the store shall copy another file. Nothing is written.
	copying
	// stored: an fsync has stored all that had come, and no writer is open.
	stored
	// failed: nothing will be stored; upload.cause says why.
	failed
)

func (m mode) String() string {
	switch m {
	case undecided:
		return "undecided"
	case positioned:
		return "positioned"
	case replacing:
		return "replacing"
	case rewriting:
		return "rewriting"
	case appending:
		return "appending"
	case copying:
		return "copying"
	case stored:
		return "stored"
	case failed:
		return "failed"
	default:
		return fmt.Sprintf("mode %d", uint8(m))
	}
}

// mayBecome reports whether there is a transition. Every mode may fail once.
func (m mode) mayBecome(n mode) bool {
	if n == failed {
		return m != failed
	}
	switch m {
	case undecided:
		return n == positioned || n == replacing || n == rewriting || n == appending
	case positioned:
		return n == replacing || n == appending
	case replacing:
		return n == copying || n == stored
	case rewriting, appending, copying:
		return n == stored
	case stored:
		return n == appending
	default:
		return false
	}
}

// decided reports whether it is known what the offsets of the client mean.
func (m mode) decided() bool { return replacing <= m && m <= stored }
