package sftp

import (
	"slices"
	"sync"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
)

// A channel may have requests of maxBacklog bytes that wait for their turn: no more are
// read then. It is about two thousand READs. A connection may have maxLooking requests about
// names at the store at once: a client that has asked for many waits for the store a few
// times, and a store of 20 ms answers 1,600 a second.
const (
	maxBacklog, ownBacklog, backlogBatch = 512 << 10, 4 << 10, 32 << 10
	maxLooking, ownLooking, lookingBatch = 32, 4, 4
	maxAnswers, ownAnswers, answersBatch = maxOpen, 4, 4
	maxCopies, ownCopies, copiesBatch    = 4, 1, 1
)

// quota limits how much of one thing a channel or a connection has at once: own in any
// case, and up to most in batches of what all connections of the process share. It takes a batch
// only if one is free, because other connections may keep theirs until their clients read.
// Without a batch, enter waits for its own channel or connection, never for others.
//
// So clients that ask for one thing after the other do not touch what is shared, and
// others do so once for each burst of requests.
type quota struct {
	own, most, batch int
	// shared has the batches, holder is the connection, and memory has the bytes where
	// nothing else counts them.
	shared *fairshare.Resource
	holder func() fairshare.Holder
	memory *memory.Lease

	mu      sync.Mutex
	less    sync.Cond
	used    int
	batches []*fairshare.Lease
}

func (q *quota) init(holder func() fairshare.Holder) {
	q.holder, q.less.L = holder, &q.mu
}

// enter adds n, and waits until that is possible.
func (q *quota) enter(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.fits(n) {
		q.less.Wait()
	}
	q.used += n
}

// tryEnter adds n if that is possible now.
func (q *quota) tryEnter(n int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	fits := q.fits(n)
	if fits {
		q.used += n
	}
	return fits
}

// fits takes batches until there is room for n more, and reports whether there is. What is
// larger than own alone has room while nothing else does.
func (q *quota) fits(n int) bool {
	for {
		limit := min(q.own+len(q.batches)*q.batch, q.most)
		if q.used == 0 || q.used+n <= limit {
			return true
		}
		if limit == q.most || !q.grow() {
			return false
		}
	}
}

func (q *quota) grow() bool {
	lease, err := q.shared.TryAcquire(q.holder(), int64(q.batch))
	if err != nil {
		return false
	}
	if q.memory != nil && !q.memory.TryAcquire(int64(q.batch)) {
		lease.Release()
		return false
	}
	q.batches = append(q.batches, lease)
	return true
}

// leave takes n back. With the last one all batches go.
func (q *quota) leave(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used -= n
	q.less.Broadcast()
	if q.used > 0 || len(q.batches) == 0 {
		return
	}
	for _, lease := range q.batches {
		lease.Release()
	}
	if q.memory != nil {
		q.memory.Release(int64(len(q.batches) * q.batch))
	}
	q.batches = slices.Delete(q.batches, 0, len(q.batches))
}
