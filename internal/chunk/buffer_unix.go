//go:build unix && !race

package chunk

import "syscall"

// newBuffer returns memory that the garbage collector does not count: it lets
// the heap grow to twice of what is in use before it collects, so that a budget
// within the heap would be half of what the process takes. It must be given back
// by freeBuffer.
func newBuffer(size int) []byte {
	buf, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]byte, size) // the limit of mappings; the heap may still have some
	}
	return buf
}

// freeBuffer gives the memory back to the operating system. Nobody may use it
// any more.
func freeBuffer(buf []byte) {
	// It fails for a buffer from the heap, which needs nothing.
	_ = syscall.Munmap(buf)
}
