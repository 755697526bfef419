// Package memory keeps files in the memory of the process. It is the reference
// for vfs.Backend, written to be read beside the interface, and the store that
// other packages test against. It is not a cache and not for production:
// nothing bounds it and nothing outlives it.
//
// # Names
//
// Every vfs.Path is a name, compared byte by byte.
//
// # Directories
//
// A tree as in POSIX: a name is a file or a directory, never both, nothing
// lies below a file, and directories that came to be as parents stay.
//
// # Times
//
// Kept to the nanosecond. A directory has the time of its making.
//
// # Atomicity
//
// One lock guards the tree. A Writer collects bytes of its own and Commit hangs
// them in; committed content never changes, so a Reader goes on with what it
// opened. An append that finds another file at Commit than at Create fails with
// KindConflict.
//
// # Limits
//
// The memory of the process.
//
// # Cost
//
// An append copies the old content at Commit, Copy none. List copies the names of its
// directory when it starts.
package memory
