// Package rclone is a backend over any of the stores that rclone can reach: S3
// and its relatives, Google Cloud Storage, SFTP servers and some seventy more.
// It is the only package that imports rclone. It uses only the interface fs.Fs: not
// rclone's vfs, which caches and spools to the disk, and not its operations.
//
// For Azure Blob Storage and for a local directory use the backends azblob and local,
// although rclone supports both: they guarantee more and cost less.
//
// stores.go lists the stores that are compiled in; with the build tag rclone_all all are.
// facts.go has the facts about a store that rclone's own description lacks. A store without
// facts works in the most careful way: only documented behaviour is used.
//
// A Backend may be used concurrently. Errors get their kind in error.go.
//
// # Names
//
// A name is the Path without the leading slash. rclone maps characters that a store cannot
// hold reversibly, as the option "encoding" says. Names that begin with ".tidegate-", in
// any case, are reserved: they are not listed, and every operation on them is KindInvalid.
// The store decides whether upper and lower case differ.
//
// On type "local" a symbolic link does not exist for clients: it is not listed, no path
// leads through it, and a file stored under its name replaces the link. The check precedes
// the operation; only the backend local protects against a program that creates links in
// the directory in between. On type "sftp" the server follows links, which cannot be
// detected.
//
// # Directories
//
// Stores that have directories keep them. On S3, Google Cloud Storage and Azure
// Blob Storage the option "directory_markers" is on by default, so rclone keeps an empty
// object "dir/" for each directory that a client makes; uploads neither look for the
// markers of their parents nor make them. Other stores with buckets, and these with the
// option off, get an empty hidden file ".tidegate-directory" instead. A directory that
// exists only because of its entries vanishes with the last of them.
//
// A store with buckets needs the bucket in its root, and the bucket must exist. Nothing is
// created at the start: a missing root is an error. Where a store can hold a file and a
// directory of one name, both are visible.
//
// A directory is renamed by the store where it can. Otherwise its files are copied within
// the store, eight at a time, and the sources removed; with more entries than
// rename_entries it is KindTooMany. When the process ends in the middle, files are at both
// places and none is lost. But a file that another client stores in the directory after its
// copy is removed with the sources: no condition of fs.Fs can prevent that.
//
// A file is renamed by a copy where the store cannot move. When the answer to the removal of
// the source was lost, the rename fails with KindUnavailable, and the file may be at both
// places.
//
// # Times
//
// A modification time is kept in the store's precision (Caps.TimePrecision). Where reading
// it would cost a request for every file of a listing (S3, Swift and a few more), the
// store's own time is shown instead, and no time can be set. Where a time can be set only
// by copying a file onto itself, without moving content (Google Cloud Storage), this is
// done. A file without a time from the client has that of the commit, or, where rclone
// sends the time ahead of the content, that of the beginning of the upload. Directories
// have a time in listings only.
//
// # Atomicity
//
// Stores that show an upload only when it is whole, and keep the old content when it fails,
// are written to directly: S3, Google Cloud Storage, memory. Elsewhere an upload goes to a
// hidden name and then replaces its target:
//   - local: by a rename, atomically.
//   - sftp: by a rename, atomically where the server knows
//     posix-rename@openssh.com; elsewhere rclone removes the target first. This cannot be detected, so Caps.AtomicReplace is false.
//   - azureblob and other stores that can only copy: by a copy, after which the
//     hidden file is removed. rclone's own upload would empty the old file when
//     it fails.
//   - all others: the old file goes to a hidden name, the new one takes its
//     place, the old one is removed. In between a reader finds neither, and
//     Caps.AtomicReplace is false.
//
// When the process ends before the last step, hidden files stay, with the names
// ".tidegate-upload-…" and ".tidegate-replaced-…". If the target is missing, the latter has
// the old content. Uploads older than a day are removed when a client removes their
// directory. A store that can neither move nor copy, nor take uploads directly, is
// read-only: KindUnsupported.
//
// A file is copied by the store where the copy replaces its target as a whole
// and has a time of its own: on S3. Elsewhere Caps.Copy is false.
//
// Several writers with ModeExclusive can all succeed, because the check precedes the
// upload. Appending and resuming are not possible. There are no versions, so an interrupted
// download is an error and is not resumed.
//
// # Limits
//
// rclone streams files of unknown size to a store in parts of a fixed size, so
// the largest file is 78 GiB on S3 and 390 GiB on Azure, unless the option
// "chunk_size" says otherwise. Stores that accept no streams take only files up to 256 KiB;
// larger ones are KindTooLarge.
//
// Stores that rclone cannot list page by page (local, sftp, memory, …) hold a
// whole directory in memory while it is listed: Caps.WholeList.
//
// A name has up to 255 bytes on local and sftp, and a whole path up to 1,024 on
// most stores of buckets, the root included. Longer ones are KindInvalid.
//
// rclone has global state. The first backend that is opened turns off its signal handler,
// resets the settings that RCLONE_* variables changed, and redirects its log. Two things
// cannot be prevented: a global RCLONE_* variable with a value that rclone cannot parse
// ends the process at its start, and stores that wrap another one (crypt, alias, …) open it
// with rclone's own code, which reads RCLONE_* variables.
//
// # Cost
//
// Memory of the process's budget, for each running upload: up to 256 KiB for a
// small file, then rclone's buffers, which are chunk_size times upload_concurrency for
// stores with multipart uploads: 16 MiB on S3 and 32 MiB on Azure with our presets, and 16
// MiB in Google's library. Uploads wait for these buffers in turn, by tenants and users, and a
// user leaves room for another one (memory.go). Nothing is written to the local disk.
//
// On stores with buckets a listing keeps the names of its directories until it ends,
// because some stores return them twice.
//
// Requests: Stat is one for a file; for a directory all stores but local and sftp need one
// more, for a page of its listing. Open is two, one for the description and one for the
// stream. An upload costs the requests of rclone's Put, and through a hidden name about
// three more. Remove of a file is two. Copy is one for the description, one for the copy,
// and rclone's requests about the result.
package rclone
