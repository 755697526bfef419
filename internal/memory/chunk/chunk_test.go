package chunk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

func never() bool { return false }

func get(t *testing.T, a *chunk.Account, class chunk.Class) *chunk.Chunk {
	t.Helper()
	c, err := a.Get(t.Context(), class)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fill returns a block of random content over chunks of both sizes.
func fill(t *testing.T, a *chunk.Account, size int) (*chunk.Block, []byte) {
	t.Helper()
	content := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(content) // never fails
	block := a.NewBlock()
	class := chunk.Small
	for rest := content; len(rest) > 0; class = chunk.Large {
		c := get(t, a, class)
		n := copy(c.Free(), rest)
		c.Filled(n)
		rest = rest[n:]
		block.Append(c)
	}
	return block, content
}

func TestBlockReader(t *testing.T) {
	p := chunk.New(16 << 20)
	a := p.Open(nil, never)
	for _, size := range []int{0, 1, chunk.SmallSize, chunk.SmallSize + 1, 1 << 20} {
		block, content := fill(t, a, size)
		if err := iotest.TestReader(block.Reader(), content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		one, two := block.Reader(), block.Reader()
		if _, err := one.Seek(int64(size/2), io.SeekStart); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		half, errOne := io.ReadAll(one)
		all, errTwo := io.ReadAll(two)
		if errOne != nil || errTwo != nil || !bytes.Equal(half, content[size/2:]) || !bytes.Equal(all, content) {
			t.Errorf("%d bytes: two readers disturb each other", size)
		}
		// In the memory of the block, as many bytes at a time as are asked for.
		var parts []byte
		three, asked := block.Reader(), 0
		for p := three.Next(1); p != nil; p = three.Next(asked) {
			if asked = max(asked, 1) * 2; len(p) > asked {
				t.Errorf("%d bytes: %d were asked for and %d returned", size, asked/2, len(p))
			}
			parts = append(parts, p...)
		}
		if !bytes.Equal(parts, content) || three.Next(0) != nil {
			t.Errorf("%d bytes: the parts are %d", size, len(parts))
		}
		if _, err := two.Seek(1, io.SeekEnd); err == nil {
			t.Errorf("%d bytes: a seek beyond the end succeeded", size)
		}
		block.Release()
		block.Release()
	}
	a.Close()
	if s := p.Stats(); s.InUse != 0 || s.Accounts != 0 || s.Outbound != 0 {
		t.Errorf("at the end: %+v", s)
	}
}

// TestBudget: no more is handed out, and those who wait are served in their
// order.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(64 * chunk.SmallSize) // large chunks are as small as small ones
		a := p.Open(nil, never)
		var held []*chunk.Chunk
		for range 64 {
			held = append(held, get(t, a, chunk.Large))
		}
		var order []int
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				c := get(t, a, chunk.Large)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				a.Put(c)
			})
			synctest.Wait()
		}
		if s := p.Stats(); s.Waiting != 5 || s.InUse != s.Budget || s.Peak != s.Budget {
			t.Errorf("with the budget spent: %+v", s)
		}
		// One who goes away does not keep the others.
		ctx, cancel := context.WithCancelCause(t.Context())
		left := errors.New("left")
		group.Go(func() {
			if _, err := a.Get(ctx, chunk.Large); !errors.Is(err, left) {
				t.Errorf("Get after the end of its context: %v, want %v", err, left)
			}
		})
		synctest.Wait()
		cancel(left)
		synctest.Wait()
		a.Put(held[0])
		group.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("served in the order %v", order)
			}
		}
		for _, c := range held[1:] {
			a.Put(c)
		}
		a.Close()
		if s := p.Stats(); s.InUse != 0 || s.Waiting != 0 || s.Idle > s.Budget {
			t.Errorf("at the end: %+v", s)
		}
	})
}

// TestReuse: idle memory counts, whatever its size was.
func TestReuse(t *testing.T) {
	p := chunk.New(16 << 20)
	a := p.Open(nil, never)
	use := func(class chunk.Class, n int) {
		var held []*chunk.Chunk
		for range n {
			held = append(held, get(t, a, class))
		}
		for _, c := range held {
			if c.Len() != 0 {
				t.Errorf("a chunk begins with %d bytes", c.Len())
			}
			c.Filled(1)
			a.Put(c)
		}
		if s := p.Stats(); s.Idle+s.InUse > s.Budget {
			t.Errorf("more memory than the budget: %+v", s)
		}
	}
	for range 3 {
		use(chunk.Large, (16<<20)/chunk.LargeSize)
		use(chunk.Small, (16<<20)/chunk.SmallSize)
	}
	a.Close()
}

// TestPausedClients: memory in blocks that grow is sent, the largest block
// first, when others need it, and what is on its way is not asked for.
func TestPausedClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(64 * chunk.SmallSize)
		type client struct {
			account *chunk.Account
			block   *chunk.Block
			sent    bool
		}
		var mu sync.Mutex // the pool asks from any goroutine
		clients := make([]*client, 4)
		var asked []int
		for i, chunks := range []int{10, 30, 20, 4} {
			c := &client{}
			c.account = p.Open(nil, func() bool {
				mu.Lock()
				defer mu.Unlock()
				if c.sent {
					return false
				}
				asked, c.sent = append(asked, i), true
				c.block.Send()
				return true
			})
			c.block = c.account.NewBlock()
			for range chunks {
				part := get(t, c.account, chunk.Large)
				part.Filled(1)
				c.block.Append(part)
			}
			clients[i] = c
		}
		hungry := p.Open(nil, never)
		var group sync.WaitGroup
		for range 40 {
			group.Go(func() { hungry.Put(get(t, hungry, chunk.Large)) })
		}
		synctest.Wait()
		// A quarter of the budget is on its way with the first alone.
		if len(asked) != 1 || asked[0] != 1 {
			t.Fatalf("asked %v, want the largest alone", asked)
		}
		// As if its blocks took for ever: nobody else is asked.
		if s := p.Stats(); s.Waiting != 40 || s.Outbound != 30*chunk.SmallSize {
			t.Errorf("%+v", s)
		}
		clients[1].block.Release()
		group.Wait()
		for i, c := range clients {
			if i != 1 {
				c.block.Release()
			}
			c.account.Close()
		}
		hungry.Close()
		if s := p.Stats(); s.InUse != 0 || s.Outbound != 0 {
			t.Errorf("at the end: %+v", s)
		}
	})
}

// TestGiveBack: what was not used for a while goes back to the operating
// system, and the pool goes on.
func TestGiveBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := chunk.New(16 << 20)
		a := p.Open(nil, never)
		for range 2 {
			first, second := get(t, a, chunk.Large), get(t, a, chunk.Small)
			clear(first.Free())
			a.Put(first)
			time.Sleep(time.Minute)
			if s := p.Stats(); s.Idle != chunk.LargeSize {
				t.Errorf("while one is in use: %+v", s)
			}
			a.Put(second)
			time.Sleep(29 * time.Second)
			if s := p.Stats(); s.Idle != chunk.LargeSize+chunk.SmallSize {
				t.Errorf("after 29 s: %+v", s)
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if s := p.Stats(); s.Idle != 0 {
				t.Errorf("after 31 s: %+v", s)
			}
		}
		a.Close()
	})
}
