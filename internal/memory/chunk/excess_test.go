package chunk_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// holding has the blocks that one upload holds, one for each of its chunks.
type holding struct {
	account *chunk.Account
	blocks  []*chunk.Block
}

// take gets a chunk for a block of its own, and reports whether it got one.
func (h *holding) take(ctx context.Context) bool {
	c, err := h.account.Get(ctx, chunk.Large)
	if err != nil {
		return false
	}
	c.Filled(1)
	block := h.account.NewBlock()
	block.Append(c)
	h.blocks = append(h.blocks, block)
	return true
}

// sent makes the last block one that is on its way to the store.
func (h *holding) sent() { h.blocks[len(h.blocks)-1].Send() }

// release gives the first block back.
func (h *holding) release() {
	h.blocks[0].Release()
	h.blocks = h.blocks[1:]
}

func (h *holding) end() {
	for len(h.blocks) > 0 {
		h.release()
	}
	h.account.Close()
}

const reservedPool = 64 << 20 // the budget of a pool with a reserve of four large chunks

// While one holder wants more than it can get, another one with less than its share does not
// wait for each chunk: some memory is left for it.
func TestMemoryIsLeftForThoseWithLess(t *testing.T) {
	for name, other := range map[string][2]string{
		"tenants": {"b", "bob"}, "users": {"a", "alice"}, "connections": {"a", "mallory"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				p := chunk.New(reservedPool)
				greedy, modest := login(ctx, "a", "mallory"), login(ctx, other[0], other[1])
				much, little := holding{account: p.Open(nil, never)}, holding{account: p.Open(nil, never)}
				for p.Stats().InUse < p.Budget() {
					if !much.take(greedy) {
						t.Fatal("no memory")
					}
					much.sent()
				}
				var calls sync.WaitGroup
				var got atomic.Int64
				waiting := p.Open(nil, never)
				for range 100 {
					calls.Go(func() {
						if c, err := waiting.Get(greedy, chunk.Large); err == nil {
							got.Add(1)
							<-ctx.Done()
							waiting.Put(c)
						}
					})
				}
				calls.Go(func() {
					if !little.take(modest) {
						t.Error("the modest one gets nothing")
					}
				})
				synctest.Wait()
				for range 20 {
					much.release()
				}
				synctest.Wait()
				before := got.Load()
				if before == 0 || before > 16 {
					t.Errorf("of 20 chunks, the greedy one got %d", before)
				}
				for i := range 3 {
					took := false
					calls.Go(func() { took = little.take(modest) })
					if synctest.Wait(); !took {
						t.Fatalf("the modest one waits for chunk %d", i)
					}
				}
				if got.Load() != before {
					t.Error("what was left for the modest one went to the greedy one")
				}
				cancel()
				calls.Wait()
				much.end()
				little.end()
				waiting.Close()
				if s := p.Stats(); s.InUse != 0 || s.Waiting != 0 || s.Accounts != 0 {
					t.Errorf("left: %+v", s)
				}
			})
		})
	}
}

// Large blocks of one that are on their way do not keep the memory of another, which holds
// more, from being sent when the first one waits.
func TestBlocksOfThoseWithMoreAreSent(t *testing.T) {
	for name, other := range map[string][2]string{"tenants": {"b", "bob"}, "users": {"a", "alice"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := chunk.New(reservedPool)
				greedy, modest := login(t.Context(), "a", "mallory"), login(t.Context(), other[0], other[1])
				little := holding{account: p.Open(nil, never)}
				for p.Stats().InUse < p.Budget()/3 {
					if !little.take(modest) {
						t.Fatal("no memory")
					}
					little.sent()
				}
				var sent []string
				var uploads []*holding
				for i := 0; p.Stats().InUse < p.Budget()-p.Budget()/64; i++ {
					much := &holding{}
					much.account = p.Open(nil, sync.OnceValue(func() bool {
						sent = append(sent, fmt.Sprint(i))
						much.sent()
						return true
					}))
					if !much.take(greedy) {
						t.Fatal("no memory")
					}
					uploads = append(uploads, much)
				}
				var calls sync.WaitGroup
				for range 5 { // the reserve has four
					calls.Go(func() { little.take(modest) })
					synctest.Wait()
				}
				if len(sent) == 0 {
					t.Error("nothing is sent although one waits")
				}
				if s := p.Stats(); len(sent) > len(uploads)/2 {
					t.Errorf("%d of %d blocks are sent early: %+v", len(sent), len(uploads), s)
				}
				for _, u := range uploads {
					u.end()
				}
				calls.Wait()
				little.end()
			})
		})
	}
}
