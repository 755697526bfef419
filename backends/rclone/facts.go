package rclone

// facts are what we know about a store beyond what rclone says of it. They are
// read from the sources of rclone v1.76 and tested where a test can reach the
// store. The zero value assumes the worst, and is what a store has that nobody
// has looked at.
type facts struct {
	// directPut: an upload to a name shows nothing before it is whole, and
	// when it fails or is aborted at any point the old content is untouched.
	// Without it uploads go to a hidden name and are put in place afterwards.
	//
	// Not azureblob, though Azure itself could: on failure rclone commits the
	// block list that it finds, which is empty when the old content came by a
	// single Put Blob, and so empties the file.
	directPut bool
	// move says what Move does when there is a file at the target.
	move moveKind
	// atomicCopy: Copy onto a file replaces it as a whole.
	atomicCopy bool
	// atomicDirMove: DirMove is one rename.
	atomicDirMove bool
	// tellsDirs: NewObject answers ErrorIsDir for a directory and
	// ErrorObjectNotFound only when there is nothing.
	tellsDirs bool
	// maxName is the longest name in bytes, 0 when that is not known. Stores
	// that say so themselves need no limit here.
	maxName int
	// listsXML: listings are XML without any escaping, so that one name with a
	// character that XML does not know would spoil that of its directory.
	listsXML bool
	// locksPages: ListP holds a lock of the store while it calls back, so
	// that whoever changes the store between two entries would wait forever.
	locksPages bool
	// volatile: the store begins empty with the process, so that its root has to
	// be made.
	volatile bool
	// followsLinks: a symbolic link in the store leads wherever it points to,
	// and NewObject tells a link from a directory.
	followsLinks bool
	// preset holds the values of options where rclone's default does not fit
	// a gateway. A configured option wins.
	preset map[string]string
}

// moveKind is what Move does when there is a file at the target.
type moveKind uint8

const (
	// moveUnknown: it may fail, or make a second file of the same name.
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
			move: moveReplaces, atomicDirMove: true, tellsDirs: true, followsLinks: true,
			// Of the usual file systems; rclone notices a longer one when it has
			// made the directories.
			maxName: 255,
			preset: map[string]string{
				// Links are not shown, and that is no reason for a warning
				// per link and listing.
				"skip_links":    "true",
				"skip_specials": "true",
			},
		}
	case "sftp":
		return facts{move: moveRemoves, atomicDirMove: true, tellsDirs: true, maxName: 255}
	case "memory":
		return facts{directPut: true, atomicCopy: true, locksPages: true, volatile: true}
	case "s3":
		return facts{
			directPut: true, atomicCopy: true,
			preset: map[string]string{
				"directory_markers": "true",
				// A gateway does not make buckets, and need not be allowed to.
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
			preset: map[string]string{"directory_markers": "true", "no_check_bucket": "true"},
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
				// A parallel listing would call back on many goroutines.
				"list_parallelism": "1",
			},
		}
	}
	return facts{}
}
