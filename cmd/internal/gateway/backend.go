package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Backend is an open store. Generations whose configurations have the same block share it.
type Backend struct {
	vfs.Backend
	// Name is the name of the block: "azblob.ingest".
	Name string

	// body is the block with which it was opened.
	body config.Body
	// release cancels the context with which the store was opened.
	release context.CancelFunc

	mu sync.Mutex
	// generations counts the generations that use it. The last one closes it.
	generations int
}

// share adds one generation. It returns false if the store was closed already.
func (b *Backend) share() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.generations == 0 {
		return false
	}
	b.generations++
	return true
}

// leave removes one generation. The last one closes the store.
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

// shared returns the open backend with the same block, with one generation added, or nil.
func shared(among []*Backend, block *config.Backend) *Backend {
	i := slices.IndexFunc(among, func(b *Backend) bool {
		return b.Name == backendName(block) && config.Same(b.body, block.Config)
	})
	if i < 0 || !among[i].share() {
		return nil
	}
	return among[i]
}
