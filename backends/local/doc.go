// Package local stores files in a directory of the host, through os.Root. It suits one
// node, or several nodes with one network file system. Other programs may change the
// directory, and each request sees its present state.
//
// # Names
//
// A path is the file's path below the root, byte for byte. A name that the operating system
// does not allow is refused with KindInvalid: elements of more than 255 bytes on most
// systems; on Windows also device names, \ : * ? " < > | and a dot or a space at the end.
// For some file systems names that differ in case or in Unicode normalization are the same.
// Names that begin with ".tidegate-" in any case are reserved: clients neither see nor
// reach them. Names in the directory that a vfs.Path cannot hold are left out of listings.
//
// # Directories
//
// Those of the host. Directories that were made as parents stay.
//
// Regular files and directories are entries. Devices, sockets and pipes are not listed and
// are KindNotExist. A symbolic link stands for its target when the target lies below the
// root and all links to it are relative. Every other link is not listed, and its use is
// KindNotExist, or KindPermission when it leads out of the root. Each mount below the root
// is a Backend of Confine, for which the same holds: no link leads from one mount to
// another. Replacing or removing a link does not change its target. A link cannot be
// renamed (KindUnsupported), because it might lead elsewhere from its new place.
//
// # Times
//
// The host's modification times. TimePrecision declares 100 ns, which the usual
// file systems keep; FAT does not.
//
// # Atomicity
//
// A Writer writes a temporary file into the directory of its target, or into the nearest
// existing parent. Commit creates the missing directories and renames the file. So does
// Copy. Exclusive creation and NoReplace use a hard link, which the host refuses when the
// name is taken; where the file system has no hard links, they hold only among the users of
// one Backend. The same is true of an append's check that the file has not changed since
// Create (KindConflict), and of the order of Renames.
//
// After Commit the file is in the host's file system. With Options.Fsync the file and its
// directories are also on the disk before Commit returns.
//
// Readers hold the file that they opened. When another program changes a file in place, a
// Reader may return the changed bytes.
//
// A temporary file of a crash is removed when nothing was written to it for a day: by a
// walk over the tree that New starts in the background, or when a client removes its
// directory. Until then the directory cannot be removed. Files that this Backend is writing
// are not removed. Another node that starts just when a Commit sets a time of more than a
// day ago may remove the file; then the Commit fails with KindConflict. The Commit of a
// file whose directory is renamed during the upload fails in the same way.
//
// # Limits
//
// Those of the file system. An open Writer holds two descriptors, an open
// Reader or List one to two. A context cannot end a read or write that hangs in the kernel;
// contexts are checked between two calls to the host.
//
// # Cost
//
// Every operation checks, with two calls and two more below Confine, whether the directory
// is still the open one. A directory that was removed and created again, or on which a file
// system was mounted, is opened again. Stat is one call per element of the path and one for
// the entry. List needs one more call for each entry, keeps eight bytes for each name, and
// reads the names again when the directory changes meanwhile. Copy copies the content;
// ModeAppend and ModeResume copy the old content at Create. File systems with shared
// extents (Btrfs, XFS) share the bytes instead. New files have Options.FileMode, new
// directories Options.DirMode.
package local
