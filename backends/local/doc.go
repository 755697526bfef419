// Package local keeps files in a directory of the host, over os.Root. It suits
// one node, or several nodes on one network file system; other programs
// may change the directory, and each request sees it as it is then.
//
// # Names
//
// A path is the file's path below the root, byte for byte. What the operating
// system cannot hold is refused with KindInvalid: elements of more than 255
// bytes on most systems; on Windows also device names, \ : * ? " < > | and a
// dot or a space at the end. Some file systems take names that differ in case
// or in Unicode normalization for one name. Names that begin with ".tidegate-"
// in any case are ours: clients neither see nor reach them. Names in the
// directory that a vfs.Path cannot hold are left out of listings.
//
// # Directories
//
// Those of the host. Directories that came to be as parents stay.
//
// Regular files and directories are entries. Devices, sockets and pipes are
// not: they are not listed and answer KindNotExist. A symbolic link is what it
// leads to when that lies below the root and can be reached by relative links;
// else it is not listed, and its use is KindNotExist, or KindPermission when it
// leads out. What Confine returns, which each mount below the root has, is held in
// the same way by the mount's own directory: no link leads from one mount to
// another. Replacing or removing a link does not touch what it leads to. A link
// cannot be renamed (KindUnsupported), because it might lead elsewhere from its
// new place.
//
// # Times
//
// The host's modification times. TimePrecision declares 100 ns, which the usual
// file systems keep; FAT does not.
//
// # Atomicity
//
// A Writer writes a temporary file into the directory of its target, or into
// the nearest one that exists; Commit makes the missing directories and renames
// it. So does Copy. Exclusive creation and NoReplace use a hard link, which the host refuses
// when the name is taken; where the file system has no links, they hold among
// the users of one Backend only. So do an append's check that nobody changed
// the file since Create (KindConflict), and the order of Renames.
//
// After Commit the file is in the host's file system. With Options.Fsync
// it is also on the disk, with its directories, before Commit returns.
//
// Readers hold the file that they opened. When another program changes a file
// in place, they may return the changed bytes.
//
// A temporary file that a crash left is removed, when nothing was written to it
// for a day, by a walk over the tree that New starts in the background, or when
// its directory is to be removed. Until then the directory cannot be removed.
// Files that this Backend is writing are never taken for such; another node that
// starts just when a Commit sets a time of more than a day ago may do so, and the
// Commit fails with KindConflict then. So does that of a file whose directory is
// renamed while it is written.
//
// # Limits
//
// Those of the file system. An open Writer holds two descriptors, an open
// Reader or List one to two. A read or write that hangs in the kernel cannot be
// ended by its context; contexts are looked at between two calls to the host.
//
// # Cost
//
// Every operation looks whether the directory is still the one that was opened, in
// two calls, and in two more below Confine: one that was removed and made anew, or
// where something was mounted, is opened again. Stat is one call per element of the path and one for the entry. List needs
// one more call for each entry, remembers eight bytes of each name, and reads
// the names of a directory that changes meanwhile once more. Copy copies the content, and ModeAppend
// and ModeResume the old content at Create: a file system with shared extents
// (Btrfs, XFS) does not move the bytes, all others do. New files have Options.FileMode, new directories
// Options.DirMode.
package local
