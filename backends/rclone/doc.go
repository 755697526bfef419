// Package rclone is a backend over any of the stores that rclone can reach: S3
// and its relatives, Google Cloud Storage, SFTP servers and some seventy more.
// It is the only package that imports rclone, of which it uses the interface
// fs.Fs and nothing above: not rclone's own vfs, which caches and spools to the
// disk, nor its operations.
//
// It is not the way to Azure Blob Storage or to a local directory, although
// rclone knows both: the backends azblob and local promise more and cost less.
//
// Which stores are compiled in is said in stores.go; all are with the build tag
// rclone_all. What is known of a store beyond rclone's own description is in
// facts.go. A store that is not mentioned there works as well, by the most
// careful way: what it is not known to do is not relied upon.
//
// A Backend may be used concurrently. Errors get their kind in error.go.
//
// # Names
//
// Names are a Path's without the leading slash. What a store cannot hold is
// mapped reversibly by rclone, as the option "encoding" says. Names that begin
// with ".tidegate-", in any case, are ours: they are not listed, and everything
// that is asked of them is KindInvalid. Whether upper and lower case differ is
// the store's matter.
//
// On type "local" a symbolic link is not there for clients: it is not listed,
// no path leads through it, and a file stored under its name replaces the link.
// This is a look before the deed; against somebody who makes links in the
// directory while clients work in it only the backend local protects. On type
// "sftp" the server follows links and nobody can tell.
//
// # Directories
//
// Stores that have directories keep them. On S3, Google Cloud Storage and Azure
// Blob Storage the option "directory_markers" is on by default, so rclone keeps
// an empty object "dir/" for each that a client makes; uploads neither look for
// those of their parents nor make them. Other stores of buckets, and these with
// the option off, get an empty hidden file ".tidegate-directory" instead. A
// directory that exists only because something lies in it vanishes with it.
//
// A store of buckets needs the bucket in its root, and the bucket must be
// there. Nothing is made at the start: a root that is missing is an error. Where a file and a directory of one name can exist side by side, they
// do.
//
// A directory is renamed by the store where it can. Otherwise its files are
// copied within the store, eight at a time, and the sources removed; for more
// entries than rename_entries that is KindTooMany. What the end of the process
// leaves in the middle is at both places, and nothing is lost.
//
// # Times
//
// A modification time is kept as exactly as the store can (Caps.TimePrecision).
// Where reading it would cost a request for every file of a listing (S3, Swift
// and a few more), the store's own time is shown instead and none can be set.
// Where it can be set only by copying a file onto itself, which moves no
// content (Google Cloud Storage), that is done. A file without a time from the
// client has that of the commit, or, where rclone sends the time ahead of the
// content, that of the beginning of the upload. Directories have a time in
// listings only.
//
// # Atomicity
//
// Stores that show an upload only when it is whole, and keep the old content
// when it fails, are written to directly: S3, Google Cloud Storage, memory.
// Everywhere else an upload goes to a hidden name and then takes the place of
// its target:
//   - local: by a rename, atomically.
//   - sftp: by a rename, atomically where the server knows
//     posix-rename@openssh.com; elsewhere rclone removes the target first. As
//     that cannot be seen from here, Caps.AtomicReplace is false.
//   - azureblob and other stores that can only copy: by a copy, after which the
//     hidden file is removed. rclone's own upload would empty the old file when
//     it fails.
//   - all others: the old file goes to a hidden name, the new one takes its
//     place, the old one is removed. In between a reader finds neither, and
//     Caps.AtomicReplace is false.
//
// Should the process end before the last step, the hidden files stay, named
// ".tidegate-upload-…" and ".tidegate-replaced-…"; the latter is the old
// content when there is nothing at the target. Uploads older than a day go when
// a client removes their directory. A store that can neither move nor copy, nor
// take uploads directly, is read-only: KindUnsupported.
//
// A file is copied by the store where the copy replaces its target as a whole
// and has a time of its own: on S3. Elsewhere Caps.Copy is false.
//
// Of several writers with ModeExclusive more than one can win: it is a look
// before the deed. Appending and resuming are not possible. There are no
// versions, so a download that breaks is an error and is not taken up again.
//
// # Limits
//
// rclone streams files of unknown size to a store in parts of a fixed size, so
// the largest file is 78 GiB on S3 and 390 GiB on Azure, unless the option
// "chunk_size" says otherwise. To stores that take no streams at all only files
// up to 256 KiB can be uploaded; more is KindTooLarge.
//
// Stores that rclone cannot list page by page (local, sftp, memory, …) hold a
// whole directory in memory while it is listed: Caps.WholeList.
//
// A name has up to 255 bytes on local and sftp, and a whole path up to 1,024 on
// most stores of buckets, the root included. Longer ones are KindInvalid.
//
// rclone's state is the process's. The first backend that is opened turns off
// its signal handler, resets what RCLONE_* variables changed, and takes over
// its log. Two things cannot be helped from here: a global RCLONE_* variable
// whose value rclone cannot read at all ends the process when it starts, and
// stores that wrap another one (crypt, alias, …) open it by rclone's own ways,
// where RCLONE_* variables count.
//
// # Cost
//
// Memory outside the budget of transfers: up to 256 KiB for an upload that is
// small, and then what rclone buffers, which is chunk_size times
// upload_concurrency for stores of multipart uploads: by our presets 16 MiB on
// S3 and 32 MiB on Azure, 16 MiB by Google's library, for each upload that
// runs. Nothing is written to the local disk.
//
// The names of the directories in a listing are remembered for its time on
// stores of buckets, because some yield them twice.
//
// Requests: Stat is one for a file; a directory costs a listing of one page
// more on stores that cannot tell at once, which are all but local and sftp.
// Open is two, a look and a stream. An upload is what rclone's Put costs, and
// through a hidden name about three more. Remove of a file is two. Copy is a
// look, the copy, and what rclone asks of its result.
package rclone
