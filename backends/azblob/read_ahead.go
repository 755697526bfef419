package azblob

import (
	"context"
	"math"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

const (
	// maxAhead bounds the ranges of one download that are asked for before the
	// client wants them. With the head twelve are in flight: 60 MiB/s each,
	// after 20 ms, are 600 MiB/s.
	maxAhead = 11
	// enough is the rate, in bytes per second, above which no further range is
	// worth its memory.
	enough = 640 << 20
	// lead is how long before the head's end the next range is asked for when
	// one range at a time is fast enough: more than a request takes.
	lead = 250 * time.Millisecond

	// smallBuffer lies between the service and a client. One that takes at
	// least fastClient bytes per second gets a chunk instead: fewer and larger
	// writes.
	smallBuffer = 32 << 10
	fastClient  = 16 << 20
)

// meter measures a rate over stretches of bytes.
type meter struct {
	bytes int64
	time  time.Duration
	took  time.Duration // the last whole stretch
	rate  float64       // bytes per second over that; 0: there was none
}

// add counts n bytes that took d and reports whether a stretch is whole.
func (m *meter) add(n int, d time.Duration, stretch int64) bool {
	m.bytes += int64(n)
	m.time += d
	if m.bytes < stretch {
		return false
	}
	m.rate = float64(m.bytes) / max(m.time, time.Microsecond).Seconds()
	m.took = m.time
	m.bytes, m.time = 0, 0
	return true
}

// current returns the rate, or that of the present stretch when it takes long
// and is slower.
func (m *meter) current() float64 {
	if m.time > 50*time.Millisecond {
		return min(m.rate, float64(m.bytes)/m.time.Seconds())
	}
	return m.rate
}

// stretch is how many bytes a rate is measured over.
func (r *reader) stretch() int64 { return r.b.rangeSize() / 8 }

// clientTook notes that the client took n bytes in the time d. One that also
// waits for us counts as faster than anything: on a busy machine, little can be
// said of how fast it would be.
func (r *reader) clientTook(n int, d time.Duration) {
	if !r.client.add(n, d, r.stretch()) {
		return
	}
	if r.waited > r.client.took/4 {
		r.client.rate = max(r.client.rate, enough)
	}
	r.waited = 0
}

// storeBrought notes that a range brought n bytes in the time d. The best rate
// counts, and fades: a range that shares the way with others, or with a client
// that holds it up, says little of what the service can do.
func (r *reader) storeBrought(n int, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.store.rate
	if r.store.add(n, d, r.stretch()) {
		r.store.rate = max(r.store.rate, 0.8*before)
	}
}

// wanted returns how many spans shall follow the head, and whether they are to
// be read. Where one range comes as fast as the client takes it, the next is
// only asked for: its bytes wait at the service and nothing is copied.
// Otherwise as many as bring it up to the client's pace, one more for each
// sixteenth of a range that the client takes, from the first quarter on: the
// network swallows a megabyte or two of any client at once.
func (r *reader) wanted() (n int, deep bool) {
	size, client := r.b.rangeSize(), r.client.current()
	if r.credit < size/4 || client == 0 || r.store.rate == 0 {
		return 0, false
	}
	need := math.Ceil(min(client, enough) / r.store.rate)
	if need > 1 {
		return int(min(need, maxAhead, float64(1+(r.credit-size/4)/(size/16)))), true
	}
	if rest := r.spans[0].end - r.pos; rest <= size/2 && float64(rest) <= client*lead.Seconds() {
		return 1, false
	}
	return 0, false
}

// plan begins what is to be read in advance, the client having taken n bytes
// since the last time. A span that is to be read is asked for when there is
// memory for its beginning; the next one after the head, without any, is only
// asked for.
func (r *reader) plan(n int64) {
	r.mu.Lock()
	r.credit += n
	want, deep := r.wanted()
	s := r.idle(want, deep)
	r.mu.Unlock()
	for s != nil {
		var c *chunk.Chunk
		if deep {
			c = r.account.Get() // not with mu held: it may ask others to yield
		}
		if c == nil {
			want, deep = 1, false
		}
		r.mu.Lock()
		if r.idle(want, deep) == s { // otherwise it was given up meanwhile
			r.load(s, c)
			c = nil
		}
		s = r.idle(want, deep)
		r.mu.Unlock()
		if c != nil {
			r.account.Put(c)
		}
	}
}

// idle returns the first of the wanted spans that has to be begun, or to be gone
// on with, nil when there is none. mu must be held.
func (r *reader) idle(want int, deep bool) *span {
	for i := 1; i <= want; i++ {
		if i == len(r.spans) {
			end := r.spans[i-1].end
			if end == r.info.Size {
				return nil
			}
			r.spans = append(r.spans, r.span(end))
		}
		if s := r.spans[i]; !s.loading && (!s.asked || deep && s.body != nil && s.at < s.end) {
			return s
		}
	}
	return nil
}

// load begins to ask for a span, and to read it when there is a chunk for its
// next bytes. mu must be held.
func (r *reader) load(s *span, c *chunk.Chunk) {
	s.asked, s.loading, s.deep = true, true, c != nil
	var ctx context.Context
	if s.body == nil {
		ctx, s.cancel = context.WithCancel(r.ctx)
	}
	r.working.Go(func() {
		if s.body == nil {
			content, _, err := r.get(ctx, s.cancel, s.at, s.end-s.at, r.info.Version)
			if err == nil {
				s.body = content
			}
		}
		r.fill(s, c)
		r.mu.Lock()
		defer r.mu.Unlock()
		s.loading = false
		if s.gone && s.body != nil {
			r.trash = append(r.trash, s.body)
			s.body = nil
		}
		r.changed.Broadcast()
	})
}

// fill reads a span into chunks, the first of which is c, until it is whole, its
// body breaks, there is no memory, or it shall stop.
func (r *reader) fill(s *span, c *chunk.Chunk) {
	for ; c != nil; c = r.account.Get() {
		var err error
		if s.body != nil {
			err = r.fillChunk(s, c)
		}
		r.mu.Lock()
		kept := c.Len() > 0 && !s.gone
		if kept {
			s.queue = append(s.queue, c)
			r.changed.Broadcast()
		}
		r.mu.Unlock()
		if !kept {
			r.account.Put(c)
		}
		if err != nil {
			s.closeBody()
		}
		// At its end the span, and its body, are the reader's.
		if s.at == s.end || s.stop.Load() || s.body == nil {
			return
		}
	}
}

func (r *reader) fillChunk(s *span, c *chunk.Chunk) error {
	started := time.Now()
	var err error
	for err == nil && s.at < s.end && len(c.Free()) > 0 && !s.stop.Load() {
		free := c.Free()
		var n int
		n, err = s.body.Read(free[:min(int64(len(free)), s.end-s.at)])
		c.Filled(n)
		s.at += int64(n)
	}
	r.storeBrought(c.Len(), time.Since(started))
	if s.at == s.end {
		return nil
	}
	return err
}

// yield gives up the last span that holds memory: it is asked for again when
// the client comes to it, or has proven once more that he is fast. It is called
// by anyone who uses the pool.
func (r *reader) yield() []*chunk.Chunk {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.spans) - 1; i >= 0; i-- {
		s := r.spans[i]
		if len(s.queue) == 0 && !(s.loading && s.deep) {
			continue
		}
		chunks := s.queue
		s.queue = nil
		s.giveUp()
		if !s.loading && s.body != nil {
			r.trash = append(r.trash, s.body)
			s.body = nil
		}
		r.spans[i] = r.span(s.start) // as if it had never been asked for
		r.credit = 0
		r.changed.Broadcast()
		if len(chunks) > 0 {
			return chunks
		}
		// What a load has in hand it gives back itself.
	}
	return nil
}
