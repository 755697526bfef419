package buffers

import (
	"sync"

	"github.com/tidegate/tidegate/internal/memory"
)

const (
	// bufferBytes holds a piece in records.
	bufferBytes = 128 << 10
	// recordBytes is what a record holds at most (RFC 8446, 5.1).
	recordBytes = 16 << 10
	// PieceBytes is how much leaves at once: what fits into a buffer with what
	// TLS adds to each record.
	PieceBytes = bufferBytes - recordBytes
)

// Buffers is memory for connections, for as many at once as it was made for.
type Buffers struct {
	taken chan struct{}
	lease *memory.Lease // nil is no budget
	pool  sync.Pool     // *[]byte
}

// NewBuffers returns n buffers, of 128 KiB each when they are in use, or as many as a
// part of the process's memory permits; nil is no limit.
func NewBuffers(part *memory.Part, n int) *Buffers {
	b := &Buffers{taken: make(chan struct{}, n)}
	if part != nil {
		b.lease = part.Open()
	}
	b.pool.New = func() any { p := make([]byte, bufferBytes); return &p }
	return b
}

// get returns a buffer for at least one piece, nil when all are in use.
func (b *Buffers) get() *[]byte {
	select {
	case b.taken <- struct{}{}:
	default:
		return nil
	}
	if b.lease != nil && !b.lease.TryAcquire(bufferBytes) {
		<-b.taken
		return nil
	}
	return b.pool.Get().(*[]byte)
}

// put takes a buffer back; nil is none.
func (b *Buffers) put(p *[]byte) {
	if p == nil {
		return
	}
	b.pool.Put(p)
	if b.lease != nil {
		b.lease.Release(bufferBytes)
	}
	<-b.taken
}
