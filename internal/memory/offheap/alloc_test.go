package offheap_test

import (
	"testing"

	"github.com/tidegate/tidegate/internal/memory/offheap"
)

// Memory can be used from its first byte to its last, and there is more of it
// after it was given back.
func TestAlloc(t *testing.T) {
	for _, size := range []int{1, 4096, 33_000, 1 << 20} {
		for range 3 {
			b := offheap.Alloc(size)
			if len(b) != size || b[0] != 0 || b[size-1] != 0 {
				t.Fatalf("%d bytes are %d, or not zero", size, len(b))
			}
			b[0], b[size-1] = 1, 1
			offheap.Free(b)
		}
	}
}
