package sftp

import (
	"context"
	"net"
	"sync"

	"github.com/tidegate/tidegate/internal/fairshare"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// agreeing is a connection during its first key exchange. The exchange costs the server
// much more processor time than a client that computes nothing itself. So clients take
// turns, by their addresses. A turn begins when a Read has returned bytes, and ends with
// the next Read: between the two the SSH library computes. While the server waits for a
// client's bytes, that client has no turn.
type agreeing struct {
	net.Conn
	ctx   context.Context // of the login
	slots *fairshare.Resource
	// ended is called when nothing more can be read: the client has left.
	ended func()

	mu   sync.Mutex
	slot *fairshare.Lease // nil while it has none
	over bool
}

func (a *agreeing) Read(b []byte) (int, error) {
	a.rest()
	n, err := a.Conn.Read(b)
	if err != nil {
		a.ended()
	}
	if n > 0 && !a.isOver() {
		slot, err := a.slots.Acquire(a.ctx, sessions.HolderOf(a.ctx), 1)
		if err != nil {
			return 0, err
		}
		a.begin(slot)
	}
	return n, err
}

// begin begins a turn, unless the turns have ended while the connection waited for it.
func (a *agreeing) begin(slot *fairshare.Lease) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		slot.Release()
		return
	}
	a.slot = slot
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

// done ends the turns of this connection: the key exchange is complete, or the connection
// has ended. Later Reads are those of net.Conn.
func (a *agreeing) done() {
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
	a.rest()
}
