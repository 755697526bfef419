package reorder_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
)

// memory hands out at most left bytes.
type memory struct{ left int }

var errSpent = errors.New("spent")

func (m *memory) Take(n int) ([]byte, error) {
	if n > m.left {
		return nil, errSpent
	}
	m.left -= n
	return make([]byte, n), nil
}

func (m *memory) Give(b []byte) { m.left += len(b) }

// Writes that arrive in any order come out in their order, whole, and all memory is
// given back.
func TestAnyOrderComesOutInOrder(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		content := make([]byte, 20_000)
		for i := range content {
			content[i] = byte(random.Uint32())
		}
		type part struct{ off, n int }
		var parts []part
		for off := 0; off < len(content); {
			n := min(1+random.IntN(500), len(content)-off)
			parts = append(parts, part{off, n})
			off += n
		}
		random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		m := &memory{left: len(content)}
		b := reorder.New(m)
		var got []byte
		for _, p := range parts {
			err := b.Add(int64(len(got)), int64(p.off), p.n, func(to []byte) error { copy(to, content[p.off:]); return nil })
			if err != nil {
				t.Fatal(err)
			}
			for !b.Empty() && b.Start() == int64(len(got)) {
				if err := b.Pop(func(p []byte) error { got = append(got, p...); return nil }); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !bytes.Equal(got, content) || m.left != len(content) {
			t.Errorf("seed %d: %d bytes of %d, equal %v, %d bytes of memory are left", seed, len(got), len(content), bytes.Equal(got, content), m.left)
		}
	}
}

// What cannot be held is refused, and what is held stays.
func TestRefused(t *testing.T) {
	planted := errors.New("planted")
	m := &memory{left: 100}
	b := reorder.New(m)
	add := func(off int64, n int, fill error) error {
		return b.Add(0, off, n, func([]byte) error { return fill })
	}
	if err := add(50, 10, nil); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		off  int64
		n    int
		fill error
		want error
	}{
		"the same":              {50, 10, nil, reorder.ErrOverlap},
		"into the next":         {45, 6, nil, reorder.ErrOverlap},
		"out of the last":       {59, 6, nil, reorder.ErrOverlap},
		"over it":               {40, 30, nil, reorder.ErrOverlap},
		"beyond the window":     {reorder.Window, 1, nil, reorder.ErrFull},
		"more than the memory":  {60, 91, nil, errSpent},
		"not there to be taken": {60, 10, planted, planted},
	} {
		if err := add(row.off, row.n, row.fill); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	if b.Start() != 50 || b.End() != 60 || m.left != 90 {
		t.Errorf("from %d to %d, %d bytes of memory are left", b.Start(), b.End(), m.left)
	}
	b.Drop()
	if !b.Empty() || b.Start() != -1 || b.End() != -1 || m.left != 100 {
		t.Errorf("after Drop: %d to %d, %d bytes of memory are left", b.Start(), b.End(), m.left)
	}
}

// Small writes are bounded in number.
func TestManySmallWrites(t *testing.T) {
	m := &memory{left: 1 << 20}
	b := reorder.New(m)
	for i := range int64(reorder.MaxWrites) {
		if err := b.Add(0, 1+2*i, 1, func([]byte) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Add(0, 1<<16, 1, func([]byte) error { return nil }); !errors.Is(err, reorder.ErrFull) {
		t.Errorf("one more: %v", err)
	}
}
