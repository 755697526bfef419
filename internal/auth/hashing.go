package auth

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/guessing"
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
	// doubtful has the hashes of logins that may be guesses: all but one at once, so that
	// other logins do not wait for them.
	doubtful *fairshare.Resource
	// guesses counts wrong passwords; nil counts none.
	guesses *guessing.Table
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
		doubtful: fairshare.NewResource("password hashes of doubtful logins", int64(max(slots-1, 1))),
	}
}

// Resource is the memory of the hashes, in KiB, by the addresses that they are
// computed for.
func (h *Hashing) Resource() *fairshare.Resource { return h.memory }

// begin waits for the turn of a hash that takes memoryKiB, or for the end of ctx. The
// session of ctx holds it: addresses have equal shares while others wait. A doubtful login
// comes behind all that are not. end ends the turn.
func (h *Hashing) begin(ctx context.Context, memoryKiB int64, doubtful bool) (end func(), err error) {
	release, err := h.acquire(ctx, max(memoryKiB, h.leastKiB), doubtful)
	if err != nil {
		return nil, err
	}
	return func() {
		release()
		// argon2id takes 19 MiB or more for each hash, which the collector would
		// keep for long beside what transfers need.
		if h.memory.Held() == 0 && h.spent.Swap(false) {
			h.free()
		}
	}, nil
}

// acquire waits for memory.
func (h *Hashing) acquire(ctx context.Context, kib int64, doubtful bool) (release func(), err error) {
	holder := session.HolderOf(ctx)
	if !doubtful {
		turn, err := h.memory.Acquire(ctx, holder, kib)
		if err != nil {
			return nil, err
		}
		return turn.Release, nil
	}
	place, err := h.doubtful.Acquire(ctx, holder, 1)
	if err != nil {
		return nil, err
	}
	turn := h.memory.RequestLast(holder, kib)
	select {
	case <-turn.Granted():
	case <-ctx.Done():
		turn.Withdraw()
		place.Release()
		return nil, context.Cause(ctx)
	}
	return func() {
		turn.Lease().Release()
		place.Release()
	}, nil
}

// used notes that a hash was computed that takes memory.
func (h *Hashing) used() { h.spent.Store(true) }
