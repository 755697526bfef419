package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Backend is a store that is open. Generations whose configurations have the same
// block share it.
type Backend struct {
	vfs.Backend
	// Name is that of the block: "azblob.ingest".
	Name string

	// body is the block that it was opened by.
	body config.Body
	// release ends the context that the store may have kept.
	release context.CancelFunc

	mu sync.Mutex
	// generations counts those that use it. It is closed when there are none.
	generations int
}

// share counts one more generation. It reports whether the store was still open.
func (b *Backend) share() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.generations == 0 {
		return false
	}
	b.generations++
	return true
}

// leave is the reverse of share. The last generation closes the store.
func (b *Backend) leave() error {
	b.mu.Lock()
	b.generations--
	last := b.generations == 0
	b.mu.Unlock()
	if !last {
		return nil
	}
	defer b.release()
	return b.Close()
}

// shared returns the backend among these that a block was opened by already, counted
// for one more generation, nil where there is none.
func shared(among []*Backend, block *config.Backend) *Backend {
	i := slices.IndexFunc(among, func(b *Backend) bool {
		return b.Name == backendName(block) && config.Same(b.body, block.Config)
	})
	if i < 0 || !among[i].share() {
		return nil
	}
	return among[i]
}
