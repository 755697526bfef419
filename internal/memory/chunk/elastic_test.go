package chunk_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// Sessions get memory that uploads have on their way, and the pool hands out less until
// they end. What clients are filling, which does not come back soon, they do not get.
func TestPoolGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts := memory.Divide(64 << 20)
		pool := chunk.NewIn(parts)
		a := pool.Open(nil, never)
		defer a.Close()
		var blocks []*chunk.Block
		for pool.Stats().InUse+chunk.LargeSize <= pool.Budget() {
			block := a.NewBlock()
			block.Append(get(t, a, chunk.Large))
			block.Send()
			blocks = append(blocks, block)
		}
		sessions := parts.Sessions.Open()
		defer sessions.Close()
		const each = 64 << 10
		for sessions.TryAcquire(each) {
		}
		if got, want := sessions.Held(), parts.Sessions.Most()/each*each; got != want {
			t.Errorf("sessions have %d bytes beside uploads under way, want %d", got, want)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := a.Get(ctx, chunk.Small); err == nil {
			t.Error("a chunk while the pool has more than it may")
		}
		for _, block := range blocks {
			block.Release()
		}
		if s := pool.Stats(); s.InUse+s.Idle > parts.Chunks.Reserve()+each {
			t.Errorf("the pool keeps %d bytes, want %d", s.InUse+s.Idle, parts.Chunks.Reserve())
		}
		if held := parts.Budget.Held(); held > parts.Budget.Limit() {
			t.Errorf("%d bytes are held of %d", held, parts.Budget.Limit())
		}

		sessions.Release(sessions.Held())
		var filling []*chunk.Chunk
		for pool.Stats().InUse < pool.Budget()/2 {
			filling = append(filling, get(t, a, chunk.Large))
		}
		for sessions.TryAcquire(each) {
		}
		if got := parts.Budget.Held(); got > parts.Budget.Limit() {
			t.Errorf("sessions took what clients are filling: %d of %d bytes are held", got, parts.Budget.Limit())
		}
		for _, c := range filling {
			a.Put(c)
		}
	})
}

// However little is left for chunks, those that clients are filling are never all of it.
func TestProgressWithTheReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts := memory.Divide(16 << 20)
		pool := chunk.NewIn(parts)
		sessions := parts.Sessions.Open()
		defer sessions.Close()
		for sessions.TryAcquire(4 << 10) {
		}
		var accounts []*chunk.Account
		var chunks []*chunk.Chunk
		for range pool.MaxAccounts() {
			a := pool.Open(nil, never)
			accounts, chunks = append(accounts, a), append(chunks, get(t, a, chunk.Large))
		}
		block := accounts[0].NewBlock()
		block.Append(get(t, accounts[0], chunk.Small))
		block.Release()
		for i, a := range accounts {
			a.Put(chunks[i])
			a.Close()
		}
	})
}
