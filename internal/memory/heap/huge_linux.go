package heap

import "syscall"

// advise lets the system back addresses of the heap with huge pages. The advice stays with
// them when p is garbage.
//
//go:noinline
func advise(p []byte) {
	// Without huge pages everything is slower, and works.
	_ = syscall.Madvise(p, syscall.MADV_HUGEPAGE)
}
