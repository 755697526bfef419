package sftp

import (
	"slices"
	"sync"
	"time"
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
)

// streams bounds what a connection has open at the store for its handles, of which
// there may be more. Who needs one takes the place of an idle one, the one that was
// used longest ago, which opens again where it was.
type streams struct {
	most int
	// idle is after how long the idle ones are closed, but for the last one; 0
	// is never.
	idle time.Duration
	// calls are those of the timer that are on their way.
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
}

func (s *streams) init(most int, idle time.Duration, calls *sync.WaitGroup) {
	s.most, s.idle, s.calls = most, idle, calls
	s.freed.L = &s.mu
}

// enter begins a use of x, which may be open already. It waits while all others are
// in use.
func (s *streams) enter(x *stream) {
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
	x.busy, x.used = false, time.Now()
	s.freed.Broadcast()
	s.watch()
}

// end waits until nobody else has x in use, and forgets it.
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
	if s.idle > 0 && s.timer == nil && len(s.open) > 1 {
		s.calls.Add(1)
		s.timer = time.AfterFunc(s.idle, s.expire)
	}
}

// expire evicts those that have idled, but the one that was used last.
func (s *streams) expire() {
	defer s.calls.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = nil
	for since := time.Now().Add(-s.idle); len(s.open) > 1; {
		x := s.oldest()
		if x == nil || x == s.open[len(s.open)-1] || x.used.After(since) {
			break
		}
		s.evict(x)
	}
	s.watch()
}
