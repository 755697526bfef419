package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/internal/memory"
)

// budget is what all files of a session or a connection may keep together, in bytes.
type budget struct {
	mu   sync.Mutex
	left int
	// lease has what is kept; nil where another one has it.
	lease *memory.Lease
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left || b.lease != nil && !b.lease.TryAcquire(int64(n)) {
		return false
	}
	b.left -= n
	return true
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
	if b.lease != nil {
		b.lease.Release(int64(n))
	}
}
