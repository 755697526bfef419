package chunk_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// TestPace: chunks grow with a fast client and shrink with a slow one, and what
// the transfer itself waits for between two chunks does not count.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sizes := map[chunk.Class]int{chunk.Small: chunk.SmallSize, chunk.Medium: chunk.MediumSize, chunk.Large: chunk.LargeSize}
		var p chunk.Pace
		fill := func(rate int, want ...chunk.Class) {
			t.Helper()
			for i, class := range want {
				if p.Class() != class {
					t.Fatalf("chunk %d at %d bytes/s has class %d, want %d", i, rate, p.Class(), class)
				}
				p.Begin()
				time.Sleep(time.Duration(sizes[class]) * time.Second / time.Duration(rate))
				p.Full(sizes[class])
				time.Sleep(time.Minute) // for memory or the store
			}
		}
		fill(10<<20, chunk.Small, chunk.Medium, chunk.Large, chunk.Large)
		fill(300<<10, chunk.Large, chunk.Large)
		fill(20<<10, chunk.Large, chunk.Medium, chunk.Small, chunk.Small)
		fill(300<<10, chunk.Small, chunk.Small)
		fill(600<<10, chunk.Small, chunk.Medium, chunk.Large)
	})
}

// TestShare: chunks that are being filled take no more than half of the budget
// as long as they are not small, and accounts are counted.
func TestShare(t *testing.T) {
	p := chunk.New(16 << 20)
	a := p.Open(nil, never)
	var held []*chunk.Chunk
	large := 0
	for range 100 {
		c := get(t, a, chunk.Large)
		if len(c.Free()) == chunk.LargeSize {
			large++
		}
		held = append(held, c)
	}
	if large != 32 {
		t.Errorf("%d large chunks, want 32", large)
	}
	// What joined a block is not being filled any more.
	block := a.NewBlock()
	held[0].Filled(1)
	block.Append(held[0])
	if c := get(t, a, chunk.Large); len(c.Free()) == chunk.LargeSize {
		t.Error("small chunks do not count")
	} else {
		a.Put(c)
	}
	block.Release()
	for _, c := range held[1:] {
		a.Put(c)
	}
	if c := get(t, a, chunk.Large); len(c.Free()) != chunk.LargeSize {
		t.Error("a small chunk although nothing is being filled")
	} else {
		a.Put(c)
	}

	accounts := []*chunk.Account{a}
	for len(accounts) < 2*p.MaxAccounts() { // with nothing in them, they are not counted
		accounts = append(accounts, p.Open(nil, never))
	}
	for i, other := range accounts[:p.MaxAccounts()] {
		other.Put(get(t, other, chunk.Small))
		if n := p.Stats().Accounts; n != i+1 {
			t.Errorf("%d accounts are counted, want %d", n, i+1)
		}
	}
	for _, other := range accounts[p.MaxAccounts():] {
		if _, err := other.Get(t.Context(), chunk.Small); !errors.Is(err, chunk.ErrTooMany) {
			t.Errorf("more accounts than there may be: %v", err)
		}
	}
	for _, a := range accounts {
		a.Close()
	}
	if s := p.Stats(); s.InUse != 0 || s.Accounts != 0 {
		t.Errorf("at the end: %+v", s)
	}
}
