package memory_test

import (
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

func TestBackend(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			b := memory.New()
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			return b
		},
	})
}
