package rclone

// facts are facts about a store that rclone's description lacks. They come from the source
// code of rclone v1.76, and are tested where a test can reach the store. The zero value
// assumes the worst. Stores that were not examined have the zero value.
type facts struct {
	// directPut: an upload is visible only when it is whole, and when it fails or is
	// aborted at any point the old content is untouched. Without directPut uploads go to a
	// hidden name and replace the target afterwards.
	//
	// Not azureblob, though Azure itself could: on failure rclone commits the
	// block list that it finds, which is empty when the old content came by a
	// single Put Blob, and so empties the file.
	directPut bool
	// move is the behaviour of Move when a file is at the target.
	move moveKind
	// atomicCopy: Copy onto a file replaces it as a whole.
	atomicCopy bool
	// atomicDirMove: DirMove is one rename.
	atomicDirMove bool
	// reportsDirs: NewObject answers ErrorIsDir for a directory and
	// ErrorObjectNotFound only when there is nothing.
	reportsDirs bool
	// maxName is the longest name in bytes, 0 when that is not known. Stores
	// that say so themselves need no limit here.
	maxName int
	// listsXML: listings are XML without escaping, so one name with a character that XML
	// does not allow would break the listing of its directory.
	listsXML bool
	// locksPages: ListP holds a lock of the store during its callback, so a change of the
	// store between two entries would deadlock.
	locksPages bool
	// volatile: the store is empty when the process starts, so its root must be created.
	volatile bool
	// followsLinks: the store follows symbolic links, and NewObject distinguishes a link
	// from a directory.
	followsLinks bool
	// buffered is what an upload that streams buffers, where no option says so.
	buffered int64
	// preset has the values of options whose default in rclone does not suit a gateway. A
	// configured option takes precedence.
	preset map[string]string
}

// moveKind is the behaviour of Move when a file is at the target.
type moveKind uint8

const (
	// moveUnknown: Move may fail, or create a second file of the same name.
	moveUnknown moveKind = iota
	// moveReplaces: the target is replaced as a whole.
	moveReplaces
	// moveRemoves: the target is replaced as a whole, or, where the server
	// cannot do that, removed before the move.
	moveRemoves
)

// factsOf returns the facts about the store that rclone calls name.
func factsOf(name string) facts {
	switch name {
	case "local":
		return facts{
			move: moveReplaces, atomicDirMove: true, reportsDirs: true, followsLinks: true,
			// The limit of the usual file systems. rclone notices a longer name only after
			// it has created the directories.
			maxName: 255,
			preset: map[string]string{
				// Links are not shown. This option avoids a warning for each link in each
				// listing.
				"skip_links":    "true",
				"skip_specials": "true",
			},
		}
	case "sftp":
		return facts{move: moveRemoves, atomicDirMove: true, reportsDirs: true, maxName: 255}
	case "memory":
		return facts{directPut: true, atomicCopy: true, locksPages: true, volatile: true}
	case "s3":
		return facts{
			directPut: true, atomicCopy: true,
			preset: map[string]string{
				"directory_markers": "true",
				// A gateway creates no buckets, and need not have the right to.
				"no_check_bucket": "true",
				// 16 MiB for each upload beyond our memory budget, files up
				// to 78 GiB (10,000 parts).
				"chunk_size":         "8Mi",
				"upload_concurrency": "2",
			},
		}
	case "google cloud storage":
		return facts{
			directPut: true, atomicCopy: true,
			buffered: 16 << 20, // of Google's library
			preset:   map[string]string{"directory_markers": "true", "no_check_bucket": "true"},
		}
	case "azureblob":
		return facts{
			listsXML: true,
			preset: map[string]string{
				"directory_markers":  "true",
				"no_check_container": "true",
				// 32 MiB for each upload, files up to 390 GiB (50,000 blocks).
				"chunk_size":         "8Mi",
				"upload_concurrency": "4",
				// A parallel listing would call back on several goroutines.
				"list_parallelism": "1",
			},
		}
	}
	return facts{}
}
