// Package azblob is a vfs.Backend over one container of Azure Blob Storage,
// straight on the Azure SDK. It keeps nothing on disk and no content. Between two
// calls it remembers the versions of the last files that it replaced, which only
// save requests (replaced.go), and with MarkersNone empty directories (flat_made.go). It
// is for accounts without a hierarchical namespace; others are refused when they
// are opened.
//
// # Names
//
// A file is the blob of its path. Names are never changed; what the service
// cannot hold as it is, is refused with KindInvalid: more than 1,024 characters
// (UTF-16 code units) or 254 levels, an element that ends with a dot, a
// backslash, the control characters U+0080 to U+009F, U+FFFD, U+FFFE and U+FFFF.
// Names are compared character by character; case and Unicode normalization
// count. Blobs of others that no path leads to (an empty element, "..", one of
// the names above) are left out of listings and counted in a debug line; they
// keep their directory from being empty. names.go has all of this.
//
// # Directories
//
// The service knows none. A directory exists when its marker does or anything
// lies below it. A marker is an empty blob with the metadata hdi_isfolder=true:
// "dir", as blobfuse2, Hadoop and Spark make it (MarkersHDI, the default), or "dir/",
// as rclone does (MarkersSlash). Both are honoured, also those of other programs: they are no
// files, cannot be opened, appended to, replaced, removed or listed as such, and move
// and go with their directory.
//
// What differs between accounts is the interface directories; flat is its one
// implementation. Names of files, and what is stored in them, do not depend on it.
//
// With MarkersNone, Mkdir writes nothing, and the Backend alone remembers the
// directory until something lies in it, the last 1,000 of them (flat_made.go). It is
// the one thing that is remembered between two calls.
//
//   - Create and Remove of a file find the marker "dir", whatever form is made here: the
//     commit begins as that of a new file, and a file that is to be removed is looked at.
//   - Create does not look for a directory in another form: a file may stand
//     beside that, and nothing is destroyed.
//   - Rename and Copy of a file look at their target with one listing beside the
//     HEAD of the source: no file takes the name of a directory in any form.
//   - A directory that nobody made goes with its last entry. Mkdir makes it
//     stay, and says KindExist only where a marker or a file is.
//   - A blob "dir/" with content is shown as the directory, and kept.
//
// An append blob would be a marker that no upload can replace, without a look; but
// Hadoop's WASB fails at it, and emulators let it be replaced all the same.
//
// # Times
//
// A file's time is the metadata "mtime", RFC 3339 with nanoseconds, which rclone
// writes and reads as well; without it the time of the last change, in seconds.
// SetModTime keeps all other metadata and the case of its keys, and fails with KindConflict when the
// file is changed in between. Rename keeps the time, in the metadata if need be.
// A directory has the time of its marker, which SetModTime sets (KindIsDir
// without one); List tells that of the form "dir" only. Without, it has the newest
// time that was seen along the way: of what was listed beside it by List, and of
// the first blobs below it by Stat.
//
// # Atomicity
//
// What is written becomes visible with one request, a Put Blob or a Put Block
// List, or not at all. Uncommitted blocks of uploads that were cancelled, and of
// processes that died, are seen by nobody and dropped by the service after a
// week, or by the next commit of that name.
//
//   - The metadata "tidegate_upload" names the upload that made the content.
//     When the answer to a commit is lost, it reports whether the commit happened.
//     KindUnavailable from Commit means that this could not be learnt either.
//   - An attempt that was cancelled may be carried out by the service later. It
//     cannot undo what came after it: every request that changes something is
//     bound to the version that it knows, or to there being none, or, for an upload
//     to a name that changes all the time, to a time a little ahead of the
//     service's clock, which its answers tell (fence.go). When an attempt of the
//     last sort got no answer, the client's answer waits until that time has
//     passed, up to three seconds. One thing no condition can prevent: an upload
//     whose first attempt was lost, of a file that is removed or renamed as soon as
//     its second has succeeded, may bring the file back. The service is asked to
//     give every attempt up when we do, so that this can happen for one minute,
//     and for a block of 8 MiB two. So may a copy. A Put Block that
//     is late leaves an uncommitted block, which nobody sees.
//   - Whether an exclusive file is the first is decided by its commit.
//   - Of two uploads to one name that are at work at once, the first to commit
//     drops the blocks of the other, which fails with KindConflict. Uploads of
//     one block do not meet.
//   - Block ids of others that wait for a commit may have another length than
//     ours; the service wants one length. Ours adapt to it (8 to 64 bytes), else
//     KindConflict.
//   - Appending commits the old blocks, named as committed ones, and the new ones,
//     on condition that the file has not changed: what another program has left
//     uncommitted under the ids of the old blocks is not taken for them. Content
//     type, other properties, metadata, an access tier that was chosen for the
//     blob and, with Options.KeepTags, index tags stay; Content-MD5 goes. A file
//     that was stored without blocks is read and stored once more as blocks by its
//     first append, which fails with KindUnavailable when what it read does not
//     have the file's Content-MD5, and with KindTooLarge when that is more than
//     Options.AppendCopyLimit. So are the last 1,000 blocks when they hold less than one
//     block may, so that years of appended lines do not use up the blocks.
//   - Reading is pinned to the ETag of the first answer: KindConflict when the
//     file changes in between. A range that breaks or stalls continues at its byte.
//   - Renaming a file is a copy within the service, and a deletion on condition
//     that the source has not changed. If the process dies in between, both are there. Index
//     tags do not travel with a copy. Copies within an account are done with
//     the answer in practice; where one continues, it is waited for, and the target
//     is not whole before: what was there is lost to a copy that then fails or is
//     cancelled.
//   - Renaming a directory is that for every blob below it: all copies first,
//     taken back when one fails, then all deletions. Others see both trees
//     meanwhile. If the process dies in the middle, both trees are there, and nothing is lost;
//     what was written to the source during the copies stays there.
//   - A copy, also that of a rename, has an identity of its own in its metadata,
//     by which it is known when the answer was lost. A tier that was chosen for the
//     source is requested again.
//   - A retried request is recognized by what it did: a deletion that finds
//     nothing, a copy or a marker that is already there.
//
// # Limits
//
// 50,000 blocks, of 8 MiB up to the 10,000th, and then of twice as much with
// every 10,000, but never more than an eighth of the memory budget: 1.1 TiB with
// 256 MiB, 2.3 TiB with 1 GiB. Blocks that had to be sent early because others
// needed memory hold less. What does not fit is KindTooLarge. Append blobs and
// page blobs can be read, listed, copied, renamed and removed, neither appended to
// nor replaced: KindUnsupported, with the reason.
// Directories of up to 5,000 entries can be renamed (rename_entries). The URL of
// a copy's source may have 2 KiB.
//
// Snapshots, leases, immutability policies and the archive tier are never
// worked around: KindLocked, with the reason.
//
// # Uploads
//
// Three types make a file, each knowing only the next: the writer fills chunks of
// memory (write.go), the block queue stores them as uncommitted blocks, several at
// once, early where others need memory, and with ids that fit what is there
// (write_queue.go, block_ids.go), and the committer makes the blob of them, under
// which condition, and finds out what became of it when the answer was lost
// (write_commit.go; write_append.go for what is appended to). An upload has one
// phase:
//
//	            Commit                 its end
//	receiving ----------> committing ----------> ended
//	    |                                          ^
//	    +------------------- Abort ----------------+
//
// A failure does not change the phase: it ends the context of everything that is
// under way, and is what all further calls return. Only while receiving may the
// memory of all transfers ask for a block to be sent early.
//
// # Reading ahead
//
// A reader hands out the bytes (read.go); its readAhead decides which ranges are asked
// for and kept (read_ahead.go, and read_window.go for how many), and both ask a source,
// one version of a blob, for them (read_span.go). A file is read in ranges of 8 MiB. Where
// OpenOptions.First is less, the first range has that size, the next one 64 KiB or four
// times as much, and so on up to 8 MiB. The range that the client reads goes through a buffer of 32 KiB, or a chunk when there is
// one to spare. When one range alone is slower than the client, more of them are on
// their way, up to eleven: the product of bandwidth and delay, which is the client's
// rate by the time that a range takes, and more while the client waits for bytes all
// the same. They are kept in the memory of all transfers, as it has some to spare, and
// there are no more than half of that memory holds. When one range is fast enough, one
// more is requested, whose bytes wait at the service; while the client is slow, none.
// Memory that uploads need is taken back, a range at a time, and that range is asked
// for again: one request more, and up to 8 MiB once more. A client that leaves a file in
// the middle has caused up to eleven requests in vain.
//
// # Connections
//
// HTTP/1.1, one for each request that is under way, kept for the next ones.
// Over TLS, bodies leave in pieces of 112 KiB and arrive in up to 128 KiB at
// once (package records), for which up to 16 MiB lie beside the memory of all
// transfers. Connections through a proxy of the environment do without.
//
// # Cost
//
// Requests, and those that wait for each other:
//
//	Create and Commit, up to a block     1      1
//	  onto a file                        3      3   (1 when this process replaced it last)
//	Create and Commit, n blocks          n + 1    (n + 3 onto a file, the first time)
//	  appending, small                   4      3   (HEAD and block list at once)
//	  appending to content without blocks  5    5   (and to 1,000 small blocks)
//	Open and Read, up to a range (8 MiB) 1      1
//	  n ranges                           n
//	  an empty file, or from its end     2      2
//	Stat of a file                       1      1
//	Stat of a directory, TypeDir         1      1
//	Stat of a directory, TypeAny         1      1   (2 without a marker "dir")
//	List                                 1 for each 5,000 entries
//	  nothing, a file, or an empty one   2      2   (an empty one 1 but with MarkersHDI)
//	Mkdir                                2      1   (1 with MarkersNone)
//	Remove of a file                     2      2
//	Remove of a directory                2      2
//	Rename of a file                     4      3   (HEAD and listing at once)
//	Rename of a directory of n entries   2n + 3
//	Copy of a file                       3      2   (HEAD and listing at once)
//	SetModTime                           2      2
//	SetModTime, Rename, Copy and appending, where a blob has metadata of others: 1 more
//	Copy, Rename and appending with Options.KeepTags, where a blob has index
//	tags: 1 more
//	Probe, at start                      2      1
//
// Of the some twenty properties that the service lists of each blob, those that
// are used are left when the SDK decodes a page (list_trim.go): that takes most of
// the time of a listing.
//
// Each block and each small file carries its CRC-64/NVME, which the service
// verifies. That of the whole file, joined from those, is the metadata
// "tidegate_crc64nvme"; appending continues with it where the old content has one,
// else drops it. Failed attempts are repeated up to four times within about five
// seconds, each attempt bounded in time.
package azblob
