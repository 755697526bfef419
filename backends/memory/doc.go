// Package memory keeps files in the memory of the process. It is the reference
// implementation of vfs.Backend, and the store that tests of other packages use. It is not
// a cache and not for production: its size is not bounded, and its content ends with the
// process.
//
// # Names
//
// Every vfs.Path is possible. Names are compared byte by byte.
//
// # Directories
//
// A tree as in POSIX: a name is a file or a directory, never both, nothing exists below a
// file, and directories that were made as parents stay.
//
// # Times
//
// Kept to the nanosecond. A directory has the time at which it was made.
//
// # Atomicity
//
// One lock guards the tree (lock order: writer.mu, then Backend.mu). A Writer collects the
// bytes, and Commit puts them into the tree. Committed content never changes, so a Reader
// continues with the content that it opened. An append that finds another file at Commit
// than at Create fails with KindConflict.
//
// # Limits
//
// The memory of the process.
//
// # Cost
//
// An append copies the old content at Commit. Copy copies none. List copies the names of
// its directory when it starts.
package memory
