package sftp

import (
	"context"
	"net"
	"sync"

	"github.com/tidegate/tidegate/internal/fairshare"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// agreeing is a connection whose keys are not agreed on yet. That costs much more
// here than at a client that does not do its part, so that clients take turns, by
// their addresses: from a Read that brought anything to the next one, which is when
// the library computes. A client that is waited for has no turn.
type agreeing struct {
	net.Conn
	ctx   context.Context // of the login
	slots *fairshare.Resource

	mu   sync.Mutex
	slot *fairshare.Lease // nil while it has none
	over bool
}

func (a *agreeing) Read(b []byte) (int, error) {
	a.rest()
	n, err := a.Conn.Read(b)
	if n > 0 && !a.isOver() {
		slot, err := a.slots.Acquire(a.ctx, sessions.HolderOf(a.ctx), 1)
		if err != nil {
			return 0, err
		}
		a.mu.Lock()
		a.slot = slot
		a.mu.Unlock()
	}
	return n, err
}

func (a *agreeing) isOver() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.over
}

// rest gives a turn back.
func (a *agreeing) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.slot != nil {
		a.slot.Release()
		a.slot = nil
	}
}

// done lets Reads be as they are from now on: the keys are agreed on, or the
// connection is over.
func (a *agreeing) done() {
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
	a.rest()
}
