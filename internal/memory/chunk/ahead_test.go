package chunk_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// download is an account for reading ahead with what it holds.
type download struct {
	*chunk.Ahead
	mu   sync.Mutex
	held []*chunk.Chunk
	asks int
}

func openDownload(ctx context.Context, p *chunk.Pool) *download {
	d := &download{}
	d.Ahead = p.OpenAhead(ctx, func() []*chunk.Chunk {
		d.mu.Lock()
		defer d.mu.Unlock()
		held := d.held
		d.held = nil
		d.asks++
		return held
	})
	return d
}

// take gets up to n chunks and returns how many it got.
func (d *download) take(n int) (got int) {
	for ; got < n; got++ {
		c := d.Get()
		if c == nil {
			break
		}
		d.mu.Lock()
		d.held = append(d.held, c)
		d.mu.Unlock()
	}
	return got
}

// drop gives back the first n chunks.
func (d *download) drop(n int) {
	d.mu.Lock()
	held := d.held[:n]
	d.held = d.held[n:]
	d.mu.Unlock()
	for _, c := range held {
		d.Put(c)
	}
}

// several gets n chunks for an upload.
func several(t *testing.T, a *chunk.Account, n int) (held []*chunk.Chunk) {
	t.Helper()
	for range n {
		held = append(held, get(t, a, chunk.Large))
	}
	return held
}

const smallBudget = 64 // in small chunks; large ones are as small then

func wantIdle(t *testing.T, p *chunk.Pool) {
	t.Helper()
	if s := p.Stats(); s.InUse != 0 || s.Ahead != 0 || s.Waiting != 0 {
		t.Errorf("at the end: %+v", s)
	}
}

// TestAheadHalf: all downloads together hold half of the budget, and nothing
// while somebody waits.
func TestAheadHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(smallBudget * chunk.SmallSize)
		d := openDownload(t.Context(), p)
		if got := d.take(smallBudget); got != smallBudget/2 {
			t.Errorf("one download got %d chunks, want half of %d", got, smallBudget)
		}
		d.drop(smallBudget / 2)

		a := p.Open(nil, never)
		held := several(t, a, smallBudget-3)
		if got := d.take(smallBudget); got != 3 {
			t.Errorf("got %d chunks, want the 3 that are free", got)
		}
		d.drop(3)
		held = append(held, several(t, a, 3)...)
		var group sync.WaitGroup
		group.Go(func() { a.Put(get(t, a, chunk.Large)) })
		synctest.Wait()
		if c := d.Get(); c != nil {
			t.Error("got a chunk while somebody waits")
		}
		for _, c := range held {
			a.Put(c)
		}
		group.Wait()
		a.Close()
		wantIdle(t, p)
	})
}

// TestAheadGivesWay: uploads that wait get the memory of read-ahead, first from the download
// that holds the most, and before any block is sent early.
func TestAheadGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(smallBudget * chunk.SmallSize)
		sealed := false
		upload := p.Open(nil, func() bool { sealed = true; return false })
		block := upload.NewBlock()
		for _, c := range several(t, upload, smallBudget-24) {
			c.Filled(1)
			block.Append(c)
		}
		one, two := openDownload(t.Context(), p), openDownload(t.Context(), p)
		if got := one.take(8) + two.take(16); got != 24 {
			t.Fatalf("got %d chunks", got)
		}
		c := get(t, upload, chunk.Large)
		if sealed || one.asks != 0 || two.asks != 1 || p.Stats().Ahead != 8*chunk.SmallSize {
			t.Errorf("sealed early: %v; the smaller was asked %d times, the larger %d: %+v", sealed, one.asks, two.asks, p.Stats())
		}
		upload.Put(c)
		one.drop(8)
		block.Release()
		upload.Close()
		wantIdle(t, p)
	})
}

// TestAheadStubborn: if a download cannot give up memory at once, the pool still asks the
// others. When the download frees its chunk, the account that waits gets it.
func TestAheadStubborn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(smallBudget * chunk.SmallSize)
		busy := p.OpenAhead(t.Context(), func() []*chunk.Chunk { return nil })
		c := busy.Get()
		a := p.Open(nil, never)
		held := several(t, a, smallBudget-1)
		var group sync.WaitGroup
		group.Go(func() { a.Put(get(t, a, chunk.Large)) })
		synctest.Wait()
		busy.Put(c)
		group.Wait()
		for _, c := range held {
			a.Put(c)
		}
		a.Close()
		wantIdle(t, p)
	})
}

// TestAheadShares: downloads that are at work share their half, and those whose
// clients pause lose theirs to them.
func TestAheadShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(smallBudget * chunk.SmallSize)
		const half = smallBudget / 2
		one, two := openDownload(t.Context(), p), openDownload(t.Context(), p)
		if got := one.take(half); got != half {
			t.Fatalf("alone it got %d chunks, want %d", got, half)
		}
		if got := two.take(1); got != 0 || one.asks != 0 {
			t.Errorf("got %d chunks of one that is at work", got)
		}
		one.drop(half / 2)
		if got := two.take(half); got != half/2 {
			t.Errorf("got %d chunks beside another, want %d", got, half/2)
		}
		if got := one.take(1); got != 0 {
			t.Error("got more than a share")
		}
		// The first one's client pauses, the other's does not.
		time.Sleep(2 * time.Second)
		two.Moved(time.Now())
		two.drop(1)
		if got := two.take(half); got != half/2+1 || one.asks != 1 {
			t.Errorf("got %d chunks beside one that pauses, want %d", got, half/2+1)
		}
		two.drop(half)
		wantIdle(t, p)
	})
}

// A tenant, a user or a connection with many downloads has the share of one: what it has
// beyond that goes to another one that comes, although nobody pauses.
func TestAheadIsSharedFairly(t *testing.T) {
	for name, row := range map[string]struct{ tenant, user string }{
		"tenants":     {"b", "bob"},
		"users":       {"a", "alice"},
		"connections": {"a", "mallory"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := chunk.New(smallBudget * chunk.SmallSize)
				const half = smallBudget / 2
				mallory := login(t.Context(), "a", "mallory")
				var many []*download
				for range 2 * half {
					d := openDownload(mallory, p)
					d.take(1)
					many = append(many, d)
				}
				one := openDownload(login(t.Context(), row.tenant, row.user), p)
				if got := one.take(half); got != half/2 {
					t.Errorf("one download beside many of another holder got %d chunks, want %d", got, half/2)
				}
				back, held := 0, 0
				for _, d := range many {
					back += d.asks
					held += len(d.held)
				}
				if back != half/2 || held != half/2 {
					t.Errorf("%d of the many gave something back, and they hold %d chunks, want %d and %d", back, held, half/2, half/2)
				}
				if got := many[0].take(1) + many[len(many)-1].take(1); got != 0 {
					t.Error("one of the many got more than their share")
				}
				one.drop(half / 2)
				for _, d := range many {
					d.drop(len(d.held))
				}
				wantIdle(t, p)
			})
		})
	}
}
