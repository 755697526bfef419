package sftp

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/fairshare"
)

const (
	// maxReaders is how many readers of the store the downloads of a connection may
	// have, and maxListings how many listings its directories. Each of a reader's
	// holds a connection to the store with what lies in its buffers, each of a
	// listing's a page of 5,000 entries, which is a few MiB.
	maxReaders  = 16
	maxListings = 8
	// readerIdle is after how long without a READ a reader is closed while there
	// are others. The one that was used last stays: its client may be slow.
	readerIdle = time.Second
	// listingIdle is after how long without a READDIR a listing is closed when another
	// user waits for one.
	listingIdle = time.Second
)

// What all connections together may have open. Of readers and listings holders have fair
// shares: an idle one is closed when a holder that has fewer waits.
const (
	// sharedHandles, sharedReaders and a quarter of the descriptors of the process,
	// whichever is less, bound the files and directories that are open and the readers
	// of the store.
	sharedHandles = 8192
	sharedReaders = 1024
	// listingMemory is about what a listing holds. An eighth of the budget is for all
	// listings: at least minSharedListings, and at most maxShared.
	listingMemory                = 2 << 20
	minSharedListings, maxShared = 4, 64
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
		listings:  l.Resource("listings over SFTP", min(max(memory/8/listingMemory, minSharedListings), maxShared)),
		queued:    l.Resource("queued requests over SFTP (bytes)", max(memory/32, 8*backlogBatch)),
		looking:   l.Resource("requests about names over SFTP", sharedLooking),
		copies:    l.Resource("copies over SFTP", sharedCopies),
		answers:   l.Resource("answers over SFTP", max(memory/8/smallBytes, 16*answersBatch)),
	}
}

// streams limits how many readers or listings a connection has open at the store. It may have
// more handles than that. A handle that needs a stream takes the place of the idle stream that
// was used longest ago; the handle of that one opens it again at the same position later.
type streams struct {
	most int
	// idle is how long a stream may be idle. Then it is closed if another holder waits for it,
	// or if another stream was used after it and keep is false.
	idle time.Duration
	keep bool
	// shared counts the streams of all connections; nil is no limit. holder is the connection.
	shared *fairshare.Resource
	holder func() fairshare.Holder
	// calls counts the calls of the timer that have not ended.
	calls *sync.WaitGroup

	mu    sync.Mutex
	freed sync.Cond
	// open are in the order of their use, the last one last.
	open  []*stream
	timer *time.Timer // nil while nothing is to be looked at
}

// stream is one of them. Between enter and leave it belongs to the caller.
type stream struct {
	// drop closes what is open. It may be called from any goroutine, not beside
	// the owner's use.
	drop func()
	// busy and used are guarded by streams.mu.
	busy bool
	used time.Time
	// lease is of streams.shared, while anything is open. The wait for it ends with
	// ctx.
	lease *fairshare.Lease
	ctx   context.Context
}

func (s *streams) init(most int, idle time.Duration, calls *sync.WaitGroup) {
	s.most, s.idle, s.calls = most, idle, calls
	s.freed.L = &s.mu
}

// enter begins a use of x, which may be open already. It waits while all others are
// in use.
func (s *streams) enter(x *stream) {
	s.begin(x)
	if s.shared != nil && x.lease == nil {
		s.acquire(x)
	}
}

func (s *streams) begin(x *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.take(x) {
		if victim := s.oldest(); victim != nil {
			s.evict(victim)
		} else {
			s.freed.Wait()
		}
	}
}

// acquire takes one of what all connections share for x, which is in use. While it waits,
// what is idle is closed.
func (s *streams) acquire(x *stream) {
	pending := s.shared.Request(s.holder(), 1)
	s.mu.Lock()
	for victim := s.oldest(); victim != nil && pending.Lease() == nil; victim = s.oldest() {
		s.evict(victim)
	}
	s.mu.Unlock()
	select {
	case <-pending.Granted():
	case <-x.ctx.Done(): // what is opened now fails
		pending.Withdraw()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.lease = pending.Lease()
}

// take begins a use if there is room for it.
func (s *streams) take(x *stream) bool {
	at := slices.Index(s.open, x)
	switch {
	case at >= 0 && x.busy: // it is being evicted
		s.freed.Wait()
		return s.take(x)
	case at >= 0:
		s.open = slices.Delete(s.open, at, at+1)
	case len(s.open) >= s.most:
		return false
	}
	s.open = append(s.open, x)
	x.busy = true
	return true
}

// oldest returns the idle one that was used longest ago, nil when there is none.
func (s *streams) oldest() *stream {
	at := slices.IndexFunc(s.open, func(x *stream) bool { return !x.busy })
	if at < 0 {
		return nil
	}
	return s.open[at]
}

// evict drops one that is idle. mu is held before and after, and not meanwhile.
func (s *streams) evict(x *stream) {
	x.busy = true
	s.mu.Unlock()
	x.drop()
	s.mu.Lock()
	s.remove(x)
}

func (s *streams) remove(x *stream) {
	x.busy = false
	if x.lease != nil {
		x.lease.Release()
		x.lease = nil
	}
	s.open = slices.DeleteFunc(s.open, func(other *stream) bool { return other == x })
	if len(s.open) == 0 && s.timer != nil && s.timer.Stop() {
		s.timer = nil
		s.calls.Done()
	}
	s.freed.Broadcast()
}

// leave ends a use. open says whether anything of x is still open.
func (s *streams) leave(x *stream, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !open {
		s.remove(x)
		return
	}
	if x.lease != nil && x.lease.Wanted() {
		s.evict(x)
		return
	}
	x.busy, x.used = false, time.Now()
	s.freed.Broadcast()
	s.watch()
}

// end waits until x is not in use elsewhere, and forgets it.
func (s *streams) end(x *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x.busy {
		s.freed.Wait()
	}
	s.remove(x)
}

// watch looks after the idle ones, if there are any but the last one.
func (s *streams) watch() {
	if s.idle > 0 && s.timer == nil && (len(s.open) > 1 || s.shared != nil && len(s.open) > 0) {
		s.calls.Add(1)
		s.timer = time.AfterFunc(s.idle, s.expire)
	}
}

// expire evicts those that have idled: what others wait for, and unless they are kept, all
// but the one that was used last.
func (s *streams) expire() {
	defer s.calls.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = nil
	s.giveWay()
	for since := time.Now().Add(-s.idle); !s.keep && len(s.open) > 1; {
		x := s.oldest()
		if x == nil || x == s.open[len(s.open)-1] || x.used.After(since) {
			break
		}
		s.evict(x)
	}
	s.watch()
}

// giveWay closes the idle ones that a holder with fewer waits for.
func (s *streams) giveWay() {
	for x := s.oldest(); x != nil && x.lease != nil && x.lease.Wanted(); x = s.oldest() {
		s.evict(x)
	}
}
