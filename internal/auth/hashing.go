package auth

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// defaultMemory is what the hashes that are computed at once may take, in bytes,
// by default: an eighth of the default budget of transfers.
const defaultMemory = 32 << 20

// Hashing limits how many hashes of passwords are computed at once, and the memory
// that they take. A process has one, which all its Authenticators share. Its methods
// may be called concurrently.
type Hashing struct {
	// memory is in KiB. leastKiB counts for a hash that takes less, so that no more
	// are computed at once than there are processors.
	memory   *fairshare.Resource
	leastKiB int64
	// spent is true when hashes have left memory behind, which free returns to the
	// system. Tests replace it.
	spent atomic.Bool
	free  func()
}

// NewHashing returns a Hashing that computes as many hashes at once as there are
// processors. Together they take at most memory bytes, or what the most expensive one
// takes alone.
func NewHashing(memory int64) *Hashing { return newHashing(runtime.GOMAXPROCS(0), memory) }

func newHashing(slots int, memory int64) *Hashing {
	memoryKiB := max(memory>>10, int64(slots))
	return &Hashing{
		memory:   fairshare.NewResource("password hashes (KiB)", memoryKiB),
		leastKiB: (memoryKiB + int64(slots) - 1) / int64(slots),
		free:     debug.FreeOSMemory,
	}
}

// Resource is the memory of the hashes, in KiB, by the addresses that they are
// computed for.
func (h *Hashing) Resource() *fairshare.Resource { return h.memory }

// begin waits for the turn of a hash that takes memoryKiB, or for the end of ctx. The
// session of ctx holds it: addresses have equal shares while others wait. end ends the
// turn.
func (h *Hashing) begin(ctx context.Context, memoryKiB int64) (end func(), err error) {
	turn, err := h.memory.Acquire(ctx, session.HolderOf(ctx), max(memoryKiB, h.leastKiB))
	if err != nil {
		return nil, err
	}
	return func() {
		turn.Release()
		// argon2id takes 19 MiB or more for each hash, which the collector would
		// keep for long beside what transfers need.
		if h.memory.Held() == 0 && h.spent.Swap(false) {
			h.free()
		}
	}, nil
}

// used notes that a hash was computed that takes memory.
func (h *Hashing) used() { h.spent.Store(true) }
