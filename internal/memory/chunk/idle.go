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
}

// alloc returns a new buffer, for which idle ones beyond limit bytes are given up.
func (i *idle) alloc(size int, limit int64) []byte {
	i.shrink(limit)
	i.lease.Take(int64(size))
	return offheap.Alloc(size)
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
			offheap.Free(buf)
			i.lease.Release(int64(len(buf)))
		}
	}
}
