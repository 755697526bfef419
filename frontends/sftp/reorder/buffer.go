package reorder

import (
	"cmp"
	"errors"
	"slices"
)

const (
	// Window is how many bytes beyond the next one a WRITE may end: 64 WRITEs of
	// 32 KiB, which is what clients have in flight at most.
	Window = 2 << 20
	// MaxWrites bounds the WRITEs of a Buffer, which may be small.
	MaxWrites = 1024
)

var (
	// ErrOverlap is returned for a WRITE of bytes that are held already.
	ErrOverlap = errors.New("reorder: bytes are written twice")
	// ErrFull is returned for a WRITE too far ahead of what is missing.
	ErrFull = errors.New("reorder: no room for a write before its turn")
)

// Memory is where a Buffer has its memory from. It is called by the goroutine that
// uses the Buffer.
type Memory interface {
	// Take returns n bytes, with n above 0. It may wait, but not for the bytes that the
	// caller holds, which are at most Window. It fails when there is no memory for them.
	Take(n int) ([]byte, error)
	// Give takes back what Take returned.
	Give(b []byte)
}

// Buffer holds the out-of-order writes of one upload. It is used by one goroutine at
// a time.
type Buffer struct {
	memory Memory
	// writes do not overlap, and are in the order of their offsets.
	writes []write
}

type write struct {
	off  int64
	data []byte
}

func (w write) end() int64 { return w.off + int64(len(w.data)) }

// New returns an empty Buffer.
func New(m Memory) *Buffer { return &Buffer{memory: m} }

// Empty reports whether nothing is held.
func (b *Buffer) Empty() bool { return len(b.writes) == 0 }

// Start returns the offset of the first byte that is held, -1 when there is none.
func (b *Buffer) Start() int64 {
	if b.Empty() {
		return -1
	}
	return b.writes[0].off
}

// End returns the offset behind the last byte that is held, -1 when there is none.
func (b *Buffer) End() int64 {
	if b.Empty() {
		return -1
	}
	return b.writes[len(b.writes)-1].end()
}

// Add holds n bytes at off, which fill puts into the memory that it is given. next is
// the offset of the byte that is waited for. The error is ErrOverlap, ErrFull,
// that of the memory, or that of fill; then nothing is held.
func (b *Buffer) Add(next, off int64, n int, fill func(p []byte) error) error {
	at, found := b.search(off)
	if found || at > 0 && b.writes[at-1].end() > off || at < len(b.writes) && b.writes[at].off < off+int64(n) {
		return ErrOverlap
	}
	if off+int64(n) > next+Window || len(b.writes) >= MaxWrites {
		return ErrFull
	}
	data, err := b.memory.Take(n)
	if err != nil {
		return err
	}
	if err := fill(data); err != nil {
		b.memory.Give(data)
		return err
	}
	b.writes = slices.Insert(b.writes, at, write{off, data})
	return nil
}

func (b *Buffer) search(off int64) (at int, found bool) {
	return slices.BinarySearchFunc(b.writes, off, func(w write, off int64) int { return cmp.Compare(w.off, off) })
}

// Pop removes the first write and lets use have its bytes, which are valid until it
// returns. The Buffer is not empty.
func (b *Buffer) Pop(use func(p []byte) error) error {
	first := b.writes[0]
	b.writes[0] = write{}
	b.writes = b.writes[1:]
	defer b.memory.Give(first.data)
	return use(first.data)
}

// Drop forgets everything.
func (b *Buffer) Drop() {
	for _, w := range b.writes {
		b.memory.Give(w.data)
	}
	b.writes = nil
}
