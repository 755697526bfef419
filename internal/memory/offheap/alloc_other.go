//go:build !unix || race

package offheap

// Alloc returns memory from the heap, because the system has nothing else that is
// portable, or because the race detector sees only that. The process may take up
// to twice of it.
func Alloc(size int) []byte { return make([]byte, size) }

// Free leaves it to the garbage collector.
func Free([]byte) {}
