package chunk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/session"
)

// login returns a context of a session of a user.
func login(ctx context.Context, tenant, user string) context.Context {
	s := session.New("ftp", "ftp.test", netip.AddrPort{})
	s.Login(session.User{Tenant: tenant, Name: user})
	return session.NewContext(ctx, s)
}

// endless is an upload whose client sends as fast as it can, to a store that takes
// about a second for each block, of which any number is on its way. It returns how many bytes
// were stored until ctx ended.
type endless struct {
	pool   *chunk.Pool
	mu     sync.Mutex
	block  *chunk.Block
	stored int64
	blocks sync.WaitGroup
}

func (e *endless) run(ctx context.Context) int64 {
	account := e.pool.Open(nil, func() bool {
		if !e.mu.TryLock() {
			return false
		}
		defer e.mu.Unlock()
		return e.send()
	})
	defer account.Close()
	for {
		c, err := account.Get(ctx, chunk.Large)
		if err != nil {
			break
		}
		c.Filled(len(c.Free()))
		e.mu.Lock()
		if e.block == nil {
			e.block = account.NewBlock()
		}
		e.block.Append(c)
		if e.block.Size() >= 4*chunk.LargeSize {
			e.send()
		}
		e.mu.Unlock()
	}
	e.mu.Lock()
	e.send()
	e.mu.Unlock()
	e.blocks.Wait()
	return e.stored
}

// send sends the growing block; e.mu is held.
func (e *endless) send() bool {
	block := e.block
	if block == nil {
		return false
	}
	e.block = nil
	block.Send()
	e.blocks.Go(func() {
		time.Sleep(time.Second/2 + rand.N(time.Second))
		e.mu.Lock()
		e.stored += block.Size()
		e.mu.Unlock()
		block.Release()
	})
	return true
}

// The memory that is short goes to tenants, users and connections in equal shares,
// whatever the number of uploads of one of them.
func TestMemoryIsSharedFairly(t *testing.T) {
	type uploads struct {
		tenant, user string
		sessions     int
		each         int // uploads of a session
	}
	for name, row := range map[string]struct {
		many, one uploads
	}{
		"tenants":     {uploads{"a", "mallory", 200, 1}, uploads{"b", "bob", 1, 1}},
		"users":       {uploads{"a", "mallory", 200, 1}, uploads{"a", "alice", 1, 1}},
		"connections": {uploads{"a", "mallory", 1, 200}, uploads{"a", "mallory", 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
				defer cancel()
				pool := chunk.New(32 << 20)
				stored := make([]int64, 2)
				var mu sync.Mutex
				var clients sync.WaitGroup
				for i, u := range []uploads{row.many, row.one} {
					for range u.sessions {
						ctx := login(ctx, u.tenant, u.user)
						for range u.each {
							clients.Go(func() {
								n := (&endless{pool: pool}).run(ctx)
								mu.Lock()
								stored[i] += n
								mu.Unlock()
							})
						}
					}
					synctest.Wait() // the many have all of the memory
				}
				clients.Wait()
				if all := stored[0] + stored[1]; stored[1] < all/4 {
					t.Errorf("one upload stored %d MiB of %d, which is less than half of its share", stored[1]>>20, all>>20)
				}
				if s := pool.Stats(); s.InUse != 0 || s.Waiting != 0 || s.Accounts != 0 {
					t.Errorf("left: %+v", s)
				}
			})
		})
	}
}

// A call that leaves does not keep those behind it, and those of one connection are
// served in their order.
func TestOrderOfOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := chunk.New(16 * chunk.SmallSize)
		first := pool.Open(nil, never)
		defer first.Close()
		var held []*chunk.Chunk
		for range 16 {
			held = append(held, get(t, first, chunk.Small))
		}
		ctx := login(t.Context(), "a", "alice")
		leaving, leave := context.WithCancel(ctx)
		var served []string
		var calls sync.WaitGroup
		for i, ctx := range []context.Context{leaving, ctx, ctx, ctx} {
			calls.Go(func() {
				account := pool.Open(nil, never)
				defer account.Close()
				c, err := account.Get(ctx, chunk.Small)
				if err != nil {
					served = append(served, "left")
					return
				}
				served = append(served, fmt.Sprint(i))
				account.Put(c)
			})
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		first.Put(held[0])
		calls.Wait()
		if got := fmt.Sprint(served); got != "[left 1 2 3]" {
			t.Errorf("served %s", got)
		}
		for _, c := range held[1:] {
			first.Put(c)
		}
	})
}
