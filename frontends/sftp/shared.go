package sftp

import (
	"runtime"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/fairshare"
)

const (
	// maxReaders is how many readers of the store the downloads of a connection may
	// have, and maxListings how many listings its directories. Each reader holds a
	// connection to the store with what lies in its buffers, each listing a page of
	// 5,000 entries, which is a few MiB.
	maxReaders  = 16
	maxListings = 8
	// readerIdle is after how long without a READ a reader is closed when another holder
	// waits, or when its connection has others. The one that was used last stays: its client
	// may be slow.
	readerIdle = time.Second
)

// What all connections together may have open.
const (
	// sharedHandles, sharedReaders and a quarter of the descriptors of the process,
	// whichever is less, bound the files and directories that are open and the readers
	// of the store.
	sharedHandles = 8192
	sharedReaders = 1024
	// sharedLooking is how many requests about names may be at the stores at once, and
	// sharedCopies how many files may be copied.
	sharedLooking = 1024
	sharedCopies  = 64
)

// shared is what is counted for all connections of the process.
type shared struct {
	// exchanges limits how many connections agree on keys at once.
	exchanges *fairshare.Resource
	// handles are the files and directories that are open, readers and listings what
	// is open at the store for them.
	handles, readers, listings *fairshare.Resource
	// queued are the bytes of requests that wait, looking is what answers requests about
	// names, answers are the buffers for answers, and copies what copies from file to file,
	// beyond what each channel and each connection has of its own.
	queued, looking, answers, copies *fairshare.Resource
}

func newShared(l *fairshare.Ledger, memory int64) shared {
	descriptors := listen.MaxDescriptors() / 4
	return shared{
		exchanges: l.Resource("key exchanges", int64(max(runtime.GOMAXPROCS(0)/2, 1))),
		handles:   l.Resource("handles over SFTP", min(sharedHandles, descriptors)),
		readers:   l.Resource("readers over SFTP", min(sharedReaders, descriptors)),
		listings:  streams.Listings(l, memory),
		queued:    l.Resource("queued requests over SFTP (bytes)", max(memory/32, 8*backlogBatch)),
		looking:   l.Resource("requests about names over SFTP", sharedLooking),
		copies:    l.Resource("copies over SFTP", sharedCopies),
		answers:   l.Resource("answers over SFTP", max(memory/8/smallBytes, 16*answersBatch)),
	}
}
