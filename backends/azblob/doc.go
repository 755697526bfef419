// Package azblob is a vfs.Backend over one container of Azure Blob Storage. It uses the
// Azure SDK, and keeps nothing on disk and no content in memory. Between two calls it
// remembers the versions of the files that it replaced last, which saves requests
// (replaced.go). With MarkersNone it also remembers empty directories (flat_made.go). Probe
// finds out whether the account has a hierarchical namespace. Unless they say otherwise, the
// sections below describe directories in an account without one (a flat account).
//
// # Names
//
// A file is the blob of its path. Names are never changed. When the service cannot store a
// name unchanged, the error is KindInvalid. Such a name has more than 1,024 characters (UTF-16
// code units) or 254 levels, an element that ends with a dot, a backslash, a control character
// U+0080 to U+009F, or U+FFFD, U+FFFE or U+FFFF. Names are compared character by character:
// names that differ in case or in Unicode normalization are different. Another program may
// have made blobs that no path can name (an empty element, "..", an invalid name as above).
// They are not listed, and a debug line counts them; their directory is not empty. names.go
// implements this.
//
// # Directories
//
// The service has no directories. A directory exists when its marker exists or any blob lies
// below it. A marker is an empty blob with the metadata hdi_isfolder=true. Its name is "dir",
// as with blobfuse2, Hadoop and Spark (MarkersHDI, the default), or "dir/", as with rclone
// (MarkersSlash). Both forms are recognized, also when another program made the marker. A
// marker is not a file: it cannot be opened, appended to, replaced, removed or listed as one.
// It is moved and removed with its directory.
//
// The interface directories has the operations that depend on the kind of account, with the
// implementations flat and hierarchical. Names and contents of files do not depend on it.
//
// With MarkersNone, Mkdir writes nothing. Only the Backend remembers the empty directory, and
// at most 1,000 of them (flat_made.go).
//
// With every form of the markers:
//
//   - Create and Remove of a file find the marker "dir", whatever form Mkdir makes: the first
//     commit has the condition of a new file, and Remove looks the file up before the deletion.
//   - Create does not look for a directory in another form: a file may have the same name,
//     and nothing is lost.
//   - Rename and Copy of a file look up their target with one listing, at the same time as
//     the HEAD of the source: no file takes the name of a directory in any form.
//   - A directory without a marker vanishes with its last entry. Mkdir makes it permanent,
//     and returns KindExist only where a marker or a file is.
//   - A blob "dir/" with content is shown as the directory, and kept.
//
// No upload could replace a marker that is an append blob, so that no lookup would be needed.
// But Hadoop's WASB fails with such a marker, and emulators let an upload replace it.
//
// # Hierarchical namespace
//
// In such an account (Azure Data Lake Storage) directories exist, with their own times. A file
// and a directory cannot have the same name. Contents, listings and properties are requested
// from the Blob endpoint, as in a flat account. Requests that change directories go to the
// endpoint for Data Lake Storage, with the same policies (dfs.go).
//
//   - Mkdir, Remove of a directory and each rename are one request, which the service carries
//     out at once or not at all. No client sees a part of a renamed directory. Conditions of
//     the request name the version that it moves or removes, and the version that it replaces
//     or the absence of one. When the answer to a rename was lost, lookups of both names show
//     whether it was carried out: the file or directory has an identity (blobInfo.same).
//     Where a renamed file keeps its version, no condition can prevent one case: an attempt
//     whose answer was lost may be carried out after the second attempt has succeeded and the
//     file or directory was renamed back. The time-out of an attempt limits how long.
//   - Rename and Copy make the parents of their target. Parents stay when they are empty.
//   - The service takes no blocks for a file that was written through another endpoint. To
//     replace such a file, or to append to it, the Backend writes a new file in the directory
//     ".tidegate-tmp", which is neither listed nor accessible, and renames it over the old file
//     (aside.go). The new file gets the owner, group and ACL of the old one. Sweep removes
//     files from that directory after a week, when the process that wrote them has died.
//   - A Put Blob, or a Put Block List, gives a file the owner and the ACL of a new file.
//     HierarchicalOptions.KeepACL restores the owner, group and ACL of the replaced file, with
//     one more request after the commit.
//   - HierarchicalOptions.CopyFiles renames files as in a flat account.
//   - Names have up to 61 levels.
//
// # Times
//
// The time of a file is the metadata "mtime", RFC 3339 with nanoseconds, which rclone writes
// and reads as well. Without "mtime" it is the time of the last change, in seconds. SetModTime
// keeps all other metadata and the case of its keys, and fails with KindConflict when the file
// changes in between. Rename keeps the time, in the metadata if necessary. A directory has the
// time of its marker, which SetModTime sets (KindIsDir without a marker). List returns the time
// only of a marker "dir". Otherwise List returns the newest time of the blobs that were listed
// beside the directory. Without a marker, Stat returns the newest time of the first blobs below
// the directory.
//
// # Atomicity
//
// The content of an upload becomes visible with one request, a Put Blob or a Put Block List,
// or not at all. Uncommitted blocks of cancelled uploads, and of processes that died, are not
// visible. The service drops them after a week, or with the next commit of that name.
//
//   - The metadata "tidegate_upload" identifies the upload that made the content. When the
//     answer to a commit is lost, it shows whether the commit succeeded. KindUnavailable from
//     Commit means that it could not be determined whether the commit succeeded.
//   - The service may carry out a cancelled attempt later. Such an attempt cannot undo newer
//     changes, because every request that changes a blob has a condition: the version that it
//     changes, or the absence of a blob. An upload to a name that changes all the time has as
//     its condition a time slightly ahead of the clock of the service, which is known from the
//     answers of the service (fence.go). When an attempt with such a time got no answer, the
//     answer to the client waits until that time has passed on all clocks of the service,
//     usually up to six seconds and at most ten. No condition can prevent one case: the first
//     attempt of an upload was lost, and the file is removed or renamed as soon as the second
//     attempt has succeeded. Then the first attempt may make the file again. Each attempt has a
//     time-out at the service, so that this can happen for one minute, and for a block of 8 MiB
//     for two. The same applies to a copy. A late Put Block leaves an uncommitted block, which is
//     not visible.
//   - The commit of an exclusive file fails when the file exists by then.
//   - When two uploads to one name run at the same time, the first commit drops the blocks of
//     the other upload, which fails with KindConflict. Uploads of one block do not conflict.
//   - Uncommitted blocks of other programs may have ids of another length; the service
//     demands one length. Ids adapt to it (8 to 64 bytes), otherwise KindConflict.
//   - Appending commits the old and the new blocks, on condition that the file has not changed.
//     The list names the old blocks as committed blocks, so that uncommitted blocks of other
//     programs with the same ids do not replace them. Content type, other properties,
//     metadata, an access tier that was chosen for the blob and, with Options.KeepTags, index
//     tags are kept; Content-MD5 is not. The first append to a file that was stored without
//     blocks reads the file and stores it again as blocks. It fails with KindUnavailable when
//     the content does not match the file's Content-MD5, and with KindTooLarge when the content
//     is larger than Options.AppendCopyLimit. The last 1,000 blocks are stored again as one
//     block when they hold less than the limit of a block, so that years of appended lines do
//     not use up the blocks.
//   - Reading is bound to the ETag of the first answer: KindConflict when the file changes in
//     between. A range that breaks or stalls continues at its byte.
//   - Renaming a file is a copy within the service, and a deletion on condition that the
//     source has not changed. If the process dies in between, both exist. A copy does not
//     include index tags. Copies within an account are usually complete with the answer.
//     Where one is pending, Rename and Copy wait for it, and the target is incomplete until
//     then: when the copy fails or is cancelled, the old content of the target is lost.
//   - Renaming a directory does the same for every blob below it: first all copies, which are
//     deleted again when one fails, then all deletions. In the meantime other clients see
//     both trees. If the process dies in between, both trees exist, and nothing is lost; files
//     that were written to the source during the copies stay there.
//   - A copy, also that of a rename, has an identity of its own in its metadata, which shows
//     whether it was made when the answer was lost. A tier that was chosen for the source is
//     requested for the copy.
//   - A retried request is recognized by its effect: a deletion that finds nothing, a copy or
//     a marker that exists already.
//
// # Limits
//
// A file has at most 50,000 blocks. The first 10,000 have 8 MiB, and the size doubles with
// every 10,000 blocks, up to an eighth of the memory budget. So a file has at most 1.1 TiB with
// a budget of 256 MiB, and 2.3 TiB with 1 GiB. Blocks that are sent early because other
// transfers need memory are smaller. A larger file is KindTooLarge. Append blobs and page blobs
// can be read, listed, copied, renamed and removed. Appending to them, or replacing them, is
// KindUnsupported, with the reason.
// Directories of up to 5,000 entries can be renamed (rename_entries). The URL of
// a copy's source may have 2 KiB.
//
// Snapshots, leases, immutability policies and the archive tier are never bypassed:
// KindLocked, with the reason.
//
// # Uploads
//
// Three types make a file, and each knows only the next one. The writer fills chunks of
// memory (write.go). The block queue stores them as uncommitted blocks, several at once, and
// early where other transfers need memory (write_queue.go, block_ids.go). The committer makes
// the blob of the blocks, under a condition, and finds out whether that succeeded when the
// answer was lost (write_commit.go; write_append.go for appending). An upload is in one
// phase:
//
//	           Prepare             Commit               its end
//	receiving ---------> prepared ---------> committing ---------> ended
//	   |  |                 |                    ^                   ^
//	   |  +-----------------|------ Commit ------+                   |
//	   +--------------------+--------- Abort ------------------------+
//
// A failure does not change the phase: it cancels the requests of the upload, and all further
// calls return it. Only in the phase receiving may the pool have a block sent early.
//
// # Reading ahead
//
// A reader returns the bytes (read.go). Its readAhead decides which ranges are requested in
// advance and kept (read_ahead.go), and its window how many (read_window.go). Both request
// them from a source, one version of a blob (read_span.go). A file is read in ranges of 8 MiB.
// When OpenOptions.First is smaller, the first range has that size, the next one four times as
// much and at least 64 KiB, and so on up to 8 MiB.
//
// The range that the client reads passes through a buffer of 32 KiB, or through a chunk when
// the pool has a free one. When one range is slower than the client, up to eleven more are in
// flight. Their number is the product of bandwidth and delay: the client's rate multiplied by
// the time of one range. It grows while the client waits for bytes. These ranges are kept in
// free memory of the pool, and take at most half of the pool. When one range is fast enough, one
// more is requested, whose bytes wait at the service. While the client is slow, no further range
// is requested. When uploads need memory, the pool takes it back, a range at a time, and that
// range is requested again: one more request, and up to 8 MiB a second time. When a client stops
// in the middle of a file, up to eleven requests were unnecessary.
//
// # Connections
//
// HTTP/1.1, one connection for each request in flight, reused by later requests. Over TLS,
// bodies are sent in pieces of 112 KiB and received in up to 128 KiB at once (package
// buffers). The buffers for that take up to 16 MiB outside of the memory of all transfers.
// Connections through a proxy of the environment do not use them.
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
// With a hierarchical namespace these differ:
//
//	Stat of a directory                  1      1
//	List of an empty directory           2      2
//	Mkdir                                1      1
//	Remove of a directory                2      2
//	Rename of a file or directory        3      2   (both HEADs at once; 5 with new parents)
//	  a file, the first time             4      3
//	replacing n blocks of another endpoint  n + 5, and the refused blocks
//	Probe, at start                      4      3
//
// The service lists some twenty properties of each blob. Unused ones are removed before the
// SDK decodes a page (list_trim.go), because decoding takes most of the time of a listing.
//
// Each block and each small file carries its CRC-64/NVME, which the service verifies. The
// metadata "tidegate_crc64nvme" is the CRC of the whole file, computed from the CRCs of its
// blocks. Appending updates it where the old content has one, and otherwise removes it.
//
// Failed attempts are repeated (retry.go). Attempts begin for 10 seconds after the first failure
// of a request that a client waits for, and for 90 seconds after that of a block, of the commit
// of an upload, or of a range of a running download. Each attempt is bounded in time.
package azblob
