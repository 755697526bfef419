//go:build !unix || race

package chunk

// newBuffer returns memory from the heap, because the system has nothing else
// that is portable, or because the race detector sees only that. The process may
// take up to twice of the budget.
func newBuffer(size int) []byte { return make([]byte, size) }

// freeBuffer leaves it to the garbage collector.
func freeBuffer([]byte) {}
