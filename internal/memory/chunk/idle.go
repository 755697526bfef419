package chunk

import (
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/offheap"
)

// idleFor is how long a pool that nobody uses keeps its memory.
const idleFor = 30 * time.Second

// idle are the buffers that nobody uses. A pool that is itself not used any more
// leaves them behind, so they do not refer to it.
type idle struct {
	buffers [numClasses][][]byte
	bytes   int64
	lease   *memory.Lease // has the idle buffers and those in use
	// large has the large buffers, nil in a small pool.
	large *offheap.Arena
}

// arenaBudget is the least budget of a pool whose large buffers are in an arena: huge
// pages may take 2 MiB that the pool does not count.
const arenaBudget = 64 << 20

func newIdle(lease *memory.Lease, budget int64, large int) *idle {
	i := &idle{lease: lease}
	if budget >= arenaBudget {
		i.large = offheap.NewArena(large)
	}
	return i
}

// alloc returns a new buffer, for which idle ones beyond limit bytes are given up.
func (i *idle) alloc(class Class, size int, limit int64) []byte {
	i.shrink(limit)
	i.lease.Take(int64(size))
	if class == Large && i.large != nil {
		return i.large.Alloc()
	}
	return offheap.Alloc(size)
}

func (i *idle) free(class Class, buf []byte) {
	if class == Large && i.large != nil {
		i.large.Free(buf)
	} else {
		offheap.Free(buf)
	}
	i.lease.Release(int64(len(buf)))
}

func (i *idle) put(class Class, buf []byte) {
	i.buffers[class] = append(i.buffers[class], buf)
	i.bytes += int64(len(buf))
}

// take returns the buffer of the class that was used last, which the caches may
// still hold, or nil.
func (i *idle) take(class Class) []byte {
	n := len(i.buffers[class])
	if n == 0 {
		return nil
	}
	buf := i.buffers[class][n-1]
	i.buffers[class][n-1] = nil
	i.buffers[class] = i.buffers[class][:n-1]
	i.bytes -= int64(len(buf))
	return buf
}

// shrink gives buffers back to the operating system until no more than limit
// bytes are left.
func (i *idle) shrink(limit int64) {
	for class := range i.buffers {
		for i.bytes > limit {
			buf := i.take(Class(class))
			if buf == nil {
				break
			}
			i.free(Class(class), buf)
		}
	}
}
