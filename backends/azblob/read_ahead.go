package azblob

import (
	"context"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// readAhead holds the spans of one download, beginning with the one that its client reads.
// It decides which spans are requested in advance, how much of them is read into chunks
// of the pool, and when they are cancelled. The reader passes the client's position and
// rate with each plan.
//
// Locks: mu alone. The pool is never called while mu is held, and it calls yield while no
// lock of this package is held.
type readAhead struct {
	src     *source
	account *chunk.Ahead
	working sync.WaitGroup // the loads of spans

	mu      sync.Mutex
	changed sync.Cond // a load has queued a chunk or has ended
	spans   []*span   // in order and without gaps; the first ends behind the client
	window  window    // decides how many spans follow the head
	closing []*body   // of cancelled spans, not closed yet
}

func newReadAhead(src *source) *readAhead {
	size := src.b.rangeSize()
	a := &readAhead{src: src, window: window{size: size, most: int(max(1, src.b.chunks.Budget()/2/size))}}
	a.changed.L = &a.mu
	a.account = src.b.chunks.OpenAhead(src.ctx, a.yield)
	return a
}

// headBrought records that n bytes of the head arrived in the time d.
func (a *readAhead) headBrought(n int, d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.window.headBrought(n, d)
}

// clientTook records a stretch of the client, and whether it waited for bytes.
func (a *readAhead) clientTook(waited bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.window.clientTook(waited)
}

// plan starts the loads of the spans that shall be read in advance. The client is at pos,
// takes client bytes per second, and has taken n bytes since the last plan. A span is
// requested and read when the pool has a chunk for its beginning. Without a chunk, the
// span after the head is requested and not read.
func (a *readAhead) plan(n, pos int64, client float64) {
	a.mu.Lock()
	a.window.taken(n)
	want, deep := a.window.wanted(a.spans[0].end-pos, client)
	s := a.idle(want, deep)
	a.mu.Unlock()
	for s != nil {
		var c *chunk.Chunk
		if deep {
			c = a.account.Get() // not while mu is held: it may call yield of others
		}
		if c == nil {
			want, deep = 1, false
		}
		a.mu.Lock()
		if a.idle(want, deep) == s { // otherwise it was cancelled meanwhile
			a.load(s, c)
			c = nil
		}
		s = a.idle(want, deep)
		a.mu.Unlock()
		if c != nil {
			a.account.Put(c)
		}
	}
}

// idle returns the first of the wanted spans whose load has to be started or continued,
// nil when there is none. mu must be held.
func (a *readAhead) idle(want int, deep bool) *span {
	for i := 1; i <= want; i++ {
		if i == len(a.spans) {
			end := a.spans[i-1].end
			if end == a.src.size {
				return nil
			}
			a.spans = append(a.spans, a.src.span(end))
		}
		if s := a.spans[i]; !s.loading && (!s.asked || deep && s.body != nil && s.at < s.end) {
			return s
		}
	}
	return nil
}

// load starts to request a span, and to read it when c, a chunk for its next bytes, is
// not nil. mu must be held.
func (a *readAhead) load(s *span, c *chunk.Chunk) {
	s.asked, s.loading, s.deep = true, true, c != nil
	var ctx context.Context
	if s.body == nil {
		ctx, s.cancel = context.WithCancel(a.src.ctx)
		s.begun = time.Now()
	}
	a.working.Go(func() {
		if s.body == nil {
			content, _, err := a.src.get(ctx, s.cancel, s.at, s.end-s.at)
			if err == nil {
				s.body = content
			}
		}
		a.fill(s, c)
		a.mu.Lock()
		defer a.mu.Unlock()
		s.loading = false
		if !s.paused {
			a.window.rangeCame(s.at-s.start, time.Since(s.begun))
		}
		s.paused = true
		if s.gone && s.body != nil {
			a.closing = append(a.closing, s.body)
			s.body = nil
		}
		a.changed.Broadcast()
	})
}

// fill reads a span into chunks, the first of which is c, until the span is whole, its
// body breaks, the pool has no chunk, or the load shall stop.
func (a *readAhead) fill(s *span, c *chunk.Chunk) {
	for ; c != nil; c = a.account.Get() {
		var err error
		if s.body != nil {
			err = a.fillChunk(s, c)
		}
		a.mu.Lock()
		kept := c.Len() > 0 && !s.gone
		if kept {
			s.queue = append(s.queue, c)
			a.changed.Broadcast()
		}
		a.mu.Unlock()
		if !kept {
			a.account.Put(c)
		}
		if err != nil {
			s.closeBody()
		}
		// After the load, the span and its body belong to the reader.
		if s.at == s.end || s.stop.Load() || s.body == nil {
			return
		}
	}
}

func (a *readAhead) fillChunk(s *span, c *chunk.Chunk) error {
	var err error
	for err == nil && s.at < s.end && len(c.Free()) > 0 && !s.stop.Load() {
		free := c.Free()
		var n int
		n, err = s.body.Read(free[:min(int64(len(free)), s.end-s.at)])
		c.Filled(n)
		s.at += int64(n)
	}
	if s.at == s.end {
		return nil
	}
	return err
}

// yield cancels the last span that holds memory. It is requested again when the client
// reaches it, or has taken a quarter of a range again. The pool calls yield in the
// goroutine that needs memory.
func (a *readAhead) yield() []*chunk.Chunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := len(a.spans) - 1; i >= 0; i-- {
		s := a.spans[i]
		if len(s.queue) == 0 && !(s.loading && s.deep) {
			continue
		}
		chunks := s.queue
		s.queue = nil
		s.cancelLoad()
		if !s.loading && s.body != nil {
			a.closing = append(a.closing, s.body)
			s.body = nil
		}
		a.spans[i] = newSpan(s.start, s.end) // as if it had never been requested
		a.window.memoryTaken()
		a.changed.Broadcast()
		if len(chunks) > 0 {
			return chunks
		}
		// A load that runs gives its current chunk back itself.
	}
	return nil
}

// next returns the span at pos with its next chunk, nil when nothing of it was read in
// advance: then its body, if it has one, belongs to the caller.
func (a *readAhead) next(pos int64) (*span, *chunk.Chunk) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.spans[0]; s.end == pos {
		a.closing = append(a.closing, s.body)
		s.body = nil
		a.spans = a.spans[1:]
	}
	if len(a.spans) == 0 {
		a.spans = append(a.spans, a.src.span(pos))
	}
	s := a.spans[0]
	for s.stop.Store(true); len(s.queue) == 0 && s.loading; s.stop.Store(true) {
		a.changed.Wait()
		s = a.spans[0] // memory may have been taken away
	}
	s.asked = true
	if len(s.queue) == 0 {
		return s, nil
	}
	c := s.queue[0]
	s.queue = s.queue[1:]
	return s, c
}

// closeCancelled closes the bodies of cancelled spans.
func (a *readAhead) closeCancelled() {
	a.mu.Lock()
	bodies := a.closing
	a.closing = nil
	a.mu.Unlock()
	for _, b := range bodies {
		if b != nil {
			_ = b.Close() // its rest is not needed
		}
	}
}

// end cancels all loads and waits for them. The context of the source has ended.
func (a *readAhead) end() {
	a.mu.Lock()
	spans := a.spans
	a.spans = nil
	for _, s := range spans {
		s.cancelLoad()
	}
	a.mu.Unlock()
	a.working.Wait()
	for _, s := range spans {
		for _, c := range s.queue {
			a.account.Put(c)
		}
		s.queue = nil
		s.closeBody()
	}
	a.closeCancelled()
}
