package vfs

import (
	"context"
	"io"
	"iter"
	"time"
)

// Backend is a store of files, seen as a tree. The comments are for implementers; the
// guarantees G1 to G9 are in the package documentation, and vfstest tests them.
//
// A method that changes the store calls NoteReceipt with what it knows about the result.
//
// All methods may be called concurrently. Every error carries a kind (an
// *Error in its chain). A Backend retries by itself what may succeed later, so
// KindUnavailable means that its retries have failed. Paths are the backend's own: a View
// has already cut off the mount. The root is always a directory and always exists.
//
// A directory exists when it was made (Mkdir) or when anything lies below it. Create and
// Rename make the parents of their target as needed. They do not look for them first, which
// saves requests to a store without directories.
//
// Nothing exists below a file: every operation on such a path is KindNotExist, also one
// that would create an entry there, unless the store can hold both.
type Backend interface {
	// Stat returns the entry at p. want says which type the caller can use. It decides
	// where a store holds a file and a directory of one name. With TypeFile a directory may
	// be reported as KindNotExist or KindIsDir, with TypeDir a file as KindNotDir; with
	// TypeAny a file comes first.
	Stat(ctx context.Context, p Path, want Type) (Info, error)

	// List yields the entries of the directory p, in any order, each (name,
	// type) once. It must be lazy: it holds about one page at a time, and requests the next
	// page only after the caller has taken the last entry. Caps.WholeList declares that the
	// store cannot do this. The sequence ends after the first error. A missing directory
	// yields KindNotExist; a file yields KindNotDir, with Error.Found set when the backend
	// has learnt what the file is. It may be ranged over once.
	List(ctx context.Context, p Path) iter.Seq2[Info, error]

	// Open opens the file at p for reading. ctx governs the Reader until it
	// is closed.
	Open(ctx context.Context, p Path, o OpenOptions) (Reader, error)

	// Create begins a file at p. Before Commit nothing is visible and the old content is
	// untouched. ctx governs the Writer: when it ends, writing fails and nothing can be
	// committed. A directory of the same name is refused with KindIsDir where the store
	// cannot hold both.
	Create(ctx context.Context, p Path, o CreateOptions) (Writer, error)

	// Mkdir makes the directory p and its parents. KindExist when p is there, as a
	// directory or as a file. A directory that exists only because something lies below it
	// may be made.
	Mkdir(ctx context.Context, p Path) error

	// Remove removes the file or the empty directory at p; want is TypeFile
	// or TypeDir. KindIsDir or KindNotDir when the entry is of the other type,
	// KindNotEmpty for a directory that holds anything.
	Remove(ctx context.Context, p Path, want Type) error

	// Rename moves a file or a directory. A file at the target is replaced,
	// unless o says otherwise; a reader of the target sees the old or the new
	// content, never neither. A file never takes the name of a directory:
	// KindIsDir, also where the store could hold both; where it holds both
	// already, the file is meant. A directory never replaces anything: KindExist.
	// Where Caps.SetModTime is true, a file keeps its modification time. A directory cannot
	// be moved below itself: KindInvalid. When it fails, what was at both places is still
	// there.
	Rename(ctx context.Context, from, to Path, o RenameOptions) error

	// Copy has the store make a file at to with the content of the file at from: no byte of
	// it passes through the process. Otherwise it is like Create and Commit: nothing is
	// visible before the copy is whole, a file at the target is replaced at once, unless o
	// says otherwise, and the copy has a version and a time of its own. Other properties of
	// the file, such as its content type, are copied. The name of a directory as the target
	// is refused as by Rename. A file that is copied onto itself keeps its content and gets
	// the new time. A directory at from is KindIsDir, or KindNotExist. When it fails, the
	// old content is there as before; only an error of KindUnavailable may also mean that
	// the store's answer was lost and the copy is there whole. KindUnsupported where Caps
	// denies it.
	Copy(ctx context.Context, from, to Path, o CopyOptions) (Info, error)

	// SetModTime sets the modification time of a file, and of a directory where
	// Caps.DirTimes is true. Elsewhere a directory is KindIsDir, or gets a time that only
	// Stat returns. KindUnsupported where Caps denies it. KindInvalid for a time that the
	// store cannot keep.
	SetModTime(ctx context.Context, p Path, t time.Time) error

	// Caps returns the facts about this store. They do not change once the store is open;
	// before, as after an outage at the start of the process, they are the zero value.
	Caps() Caps

	// Close frees what the backend holds. It is called once, after all
	// Readers and Writers are closed.
	Close() error
}

// Confiner is a Backend whose store has links. A link could lead from one mount to another.
type Confiner interface {
	// Confine returns a Backend whose root is the directory p, and which is a Confiner too.
	// No path leads out of p, and p need not exist. Closing the Confiner closes it too.
	Confine(p Path) (Backend, error)
}

// Caps are facts about a store. The zero value promises nothing.
type Caps struct {
	// Append: ModeAppend and ModeResume work.
	Append bool
	// Copy: the store can copy files itself.
	Copy bool
	// ExclusiveCreate: when several writers with ModeExclusive, or several Renames and
	// Copies with NoReplace, have one target, exactly one succeeds. Without it the check
	// precedes the change, and in a race the last one may win.
	ExclusiveCreate bool
	// AtomicReplace: readers see the old content until the new one is whole.
	AtomicReplace bool
	// SetModTime: SetModTime works, and CommitOptions.ModTime and
	// CopyOptions.ModTime are kept.
	SetModTime bool
	// DirTimes: a directory that was made has a time of its own, which Stat and List return
	// and SetModTime sets. The store decides what else changes it.
	DirTimes bool
	// RenameDir: directories can be renamed.
	RenameDir bool
	// AtomicRenameDir: half a renamed directory is never visible.
	AtomicRenameDir bool
	// KeepsParents: a directory that was made as the parent of an entry stays when its last
	// entry is removed.
	KeepsParents bool
	// Versions: Info.Version is set for files.
	Versions bool
	// WholeList: the store returns a directory only as a whole, so List holds all of its
	// entries before it yields the first. It is the only field that declares a limit.
	WholeList bool
	// TimePrecision is the unit in which modification times are kept, 0 when
	// they are not.
	TimePrecision time.Duration
}

// OpenOptions say how a file is opened.
type OpenOptions struct {
	// Offset is where reading starts, in bytes. The size of the file is
	// allowed and reads nothing; beyond it is KindOffset, below 0 too.
	Offset int64
	// Version, when not "", is the only version to read: KindConflict when the file has
	// another version by now.
	Version string
	// First, when not 0, is how many bytes the caller will certainly read. It may read
	// more. It is a hint for a store that otherwise requests more at once.
	First int64
}

// Reader streams one version of a file: when the file is replaced meanwhile,
// it continues with the old content or fails with KindConflict, and never mixes two
// versions. It is used by one goroutine at a time. It may implement io.WriterTo.
type Reader interface {
	io.Reader
	io.Closer
	// Info describes the version that is read.
	Info() Info
}

// Mode says what Create does with a file that is there.
type Mode uint8

// The modes of Create.
const (
	// ModeReplace: the new content replaces the old at Commit; of several
	// writers the last to commit wins. A store that cannot separate the parts of two
	// writers may refuse the later commits with KindConflict.
	ModeReplace Mode = iota
	// ModeExclusive: KindExist, at Create or at Commit, when the file is
	// there.
	ModeExclusive
	// ModeAppend: the new bytes follow the old content, or make a new file.
	ModeAppend
	// ModeResume: like ModeAppend, but the file must be there and
	// CreateOptions.Offset be its size: KindOffset otherwise, at Create.
	ModeResume
)

// CreateOptions say how a file is written.
type CreateOptions struct {
	Mode Mode
	// Offset belongs to ModeResume.
	Offset int64
	// ContentType and CacheControl are the headers with which a web server or a CDN should
	// deliver the file; "" leaves them to the store. Stores without such properties ignore
	// them.
	ContentType  string
	CacheControl string
}

// CommitOptions say what is fixed with the commit.
type CommitOptions struct {
	// ModTime is the modification time to keep; zero means now.
	ModTime time.Time
}

// Writer takes the content of one file. Its methods are called by one
// goroutine at a time; only Abort may be called while a Write blocks, and ends that Write.
// It may implement io.ReaderFrom.
type Writer interface {
	io.Writer

	// Old describes the file that the new bytes follow, with ModeAppend and ModeResume. So
	// a caller that appends needs no Stat. found is false when there is no such file, and
	// in every other mode.
	Old() (info Info, found bool)

	// Commit makes everything written visible at once. It replaces what was there. When it
	// returns nil the file is stored whole. When it fails, the old content is there as
	// before; only an error of KindUnavailable may also mean that the store's answer was
	// lost and the new file is there whole. ctx governs the commit alone, not the Writer's
	// own. After Commit, whatever it returned, Abort does nothing.
	Commit(ctx context.Context, o CommitOptions) (Info, error)

	// Abort ends the upload without a commit: nothing becomes visible, and all
	// resources are free when it returns. It may be called at any time, more than once, so that
	// `defer w.Abort()` is always right.
	Abort()
}

// Preparer is a Writer that can begin a commit which may still be aborted.
type Preparer interface {
	// Prepare says that everything is written, and that Commit with the same options, or
	// Abort, follows soon. The Writer may send whatever stays invisible without that
	// Commit, as long as ctx lasts. Prepare does not wait for the store, and what fails
	// makes Commit fail.
	Prepare(ctx context.Context, o CommitOptions)
}

// RenameOptions say how an entry is renamed.
type RenameOptions struct {
	// NoReplace: KindExist when the target is there.
	NoReplace bool
	// Version, when not "", says that the source is a file and which version of it is
	// meant: KindConflict when the file has another version by now.
	Version string
	// WantDir: the source must be a directory. KindNotDir for a file, also where the store
	// could hold a directory of that name beside it; KindNotExist when nothing is there. It
	// is not combined with Version.
	WantDir bool
}

// CopyOptions say how a file is copied.
type CopyOptions struct {
	// NoReplace: KindExist when the target is there.
	NoReplace bool
	// Version, when not "", is the only version of the source to copy: KindConflict when
	// the file has another version by now.
	Version string
	// ModTime is the modification time of the copy; zero means now.
	ModTime time.Time
}
