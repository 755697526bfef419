//go:build !race

package offheap

import (
	"slices"
	"syscall"
)

// regionBytes is how much an arena asks the system for. Where it does not begin at a
// huge page, its first and last MiB have small ones.
const regionBytes = 16 << 20

// Arena hands out buffers of one size, which lie beside each other, so that the system
// can back eight of 256 KiB with one huge page. The rest of the huge page that was begun
// last is memory that nobody has asked for, up to 2 MiB in all. The methods of an Arena
// are called one at a time.
type Arena struct {
	size    int
	regions []*region
	// of has the region of each buffer that is handed out.
	of map[*byte]*region
}

// region is memory of the system that is cut into buffers.
type region struct {
	memory []byte
	// free are the buffers that are not handed out, the next one last.
	free [][]byte
}

// NewArena returns an arena for buffers of a size, at most a few MiB.
func NewArena(size int) *Arena { return &Arena{size: size, of: map[*byte]*region{}} }

// Alloc returns memory of zeroes, which must be given back by Free. It comes from the
// region with the fewest free buffers, so that others become free as a whole.
func (a *Arena) Alloc() []byte {
	var r *region
	for _, other := range a.regions {
		if len(other.free) > 0 && (r == nil || len(other.free) < len(r.free)) {
			r = other
		}
	}
	if r == nil {
		if r = a.grow(); r == nil {
			return Alloc(a.size)
		}
	}
	last := len(r.free) - 1
	buf := r.free[last]
	r.free = r.free[:last]
	a.of[&buf[0]] = r
	// Free has taken that back. Without huge pages it is slower, and works.
	_ = syscall.Madvise(buf, syscall.MADV_HUGEPAGE)
	return buf
}

// grow returns a new region, nil when the system has none.
func (a *Arena) grow() *region {
	memory, err := syscall.Mmap(-1, 0, regionBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	_ = syscall.Madvise(memory, syscall.MADV_HUGEPAGE) // as in Alloc
	r := &region{memory: memory}
	for end := regionBytes / a.size * a.size; end > 0; end -= a.size {
		r.free = append(r.free, memory[end-a.size:end:end])
	}
	a.regions = append(a.regions, r)
	return r
}

// Free gives the memory of a buffer that came from Alloc back to the operating system.
// Nobody may use it any more.
func (a *Arena) Free(buf []byte) {
	r := a.of[&buf[0]]
	if r == nil {
		Free(buf)
		return
	}
	delete(a.of, &buf[0])
	if r.free = append(r.free, buf); len(r.free) == regionBytes/a.size {
		a.regions = slices.DeleteFunc(a.regions, func(other *region) bool { return other == r })
		Free(r.memory)
		return
	}
	// Otherwise the system might make a huge page of it and its neighbours, and so take
	// memory for it again. Neither can fail for memory of ours but for too many mappings.
	_ = syscall.Madvise(buf, syscall.MADV_NOHUGEPAGE)
	_ = syscall.Madvise(buf, syscall.MADV_DONTNEED)
}
