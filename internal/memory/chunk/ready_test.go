package chunk_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// TestOnlyTheReadyAreAsked fills the budget with the growing blocks of thousands
// that have no connection to send them by, and of one that has. To ask all
// of them, each time that anybody wants memory, would take minutes.
func TestOnlyTheReadyAreAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 3000 // accounts in all
		p := chunk.New(4 * many * chunk.SmallSize)
		var ready, asked atomic.Bool // ready stays false
		var accounts []*chunk.Account
		var blocks []*chunk.Block
		begin := func(ready, seal func() bool, chunks int) {
			a := p.Open(ready, seal)
			block := a.NewBlock()
			for range chunks {
				c := get(t, a, chunk.Small)
				c.Filled(1)
				block.Append(c)
			}
			accounts, blocks = append(accounts, a), append(blocks, block)
		}
		for range many - 2 {
			begin(ready.Load, func() bool { asked.Store(true); return false }, 4)
		}
		begin(func() bool { return true }, sync.OnceValue(func() bool { blocks[many-2].Send(); return true }), 4)

		hungry := p.Open(nil, never)
		var held []*chunk.Chunk
		for range 4 {
			held = append(held, get(t, hungry, chunk.Small))
		}
		var group sync.WaitGroup
		group.Go(func() { hungry.Put(get(t, hungry, chunk.Small)) })
		synctest.Wait()
		if asked.Load() {
			t.Error("one that was not ready was asked")
		}
		if s := p.Stats(); s.Outbound != 4*chunk.SmallSize || s.Waiting != 1 {
			t.Errorf("the one that was ready did not send: %+v", s)
		}
		blocks[many-2].Release()
		group.Wait()
		for _, c := range held {
			hungry.Put(c)
		}
		for i, a := range accounts {
			blocks[i].Release()
			a.Close()
		}
		hungry.Close()
	})
}
