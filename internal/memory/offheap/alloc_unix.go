//go:build unix && !race

package offheap

import "syscall"

// Alloc returns memory of zeroes, which must be given back by Free.
func Alloc(size int) []byte {
	buf, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]byte, size) // the limit of mappings; the heap may still have some
	}
	return buf
}

// Free gives memory back to the operating system, as it came from Alloc. Nobody
// may use it any more.
func Free(buf []byte) {
	// It fails for a buffer from the heap, which needs nothing.
	_ = syscall.Munmap(buf)
}
