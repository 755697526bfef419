//go:build !linux || race

package offheap

// Arena hands out buffers of one size, which have nothing in common here: huge pages are
// known of Linux alone, and the race detector sees the heap alone.
type Arena struct{ size int }

// NewArena returns an arena for buffers of a size.
func NewArena(size int) *Arena { return &Arena{size} }

// Alloc returns memory of zeroes, which must be given back by Free.
func (a *Arena) Alloc() []byte { return Alloc(a.size) }

// Free gives back what came from Alloc.
func (a *Arena) Free(buf []byte) { Free(buf) }
