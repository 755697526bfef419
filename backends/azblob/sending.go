package azblob

import (
	"context"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// maxSending is how many bodies one backend has on their way at once. Each needs
// a connection, which takes some 80 KiB beside the budget; hundreds of uploads
// with small blocks would have thousands.
const maxSending = 256

// sending is the right to have bodies of uploads on their way. Tenants and users take
// turns: one with hundreds of uploads does not delay the blocks of another.
type sending struct{ *fairshare.Resource }

func newSending(ledger *fairshare.Ledger, name string) sending {
	return sending{ledger.Resource("bodies on their way to "+name, maxSending)}
}

// take waits for one.
func (s sending) take(ctx context.Context) (*fairshare.Lease, error) {
	return s.Acquire(ctx, session.HolderOf(ctx), 1)
}

// tryTake does not wait. It is for blocks that are sent early because others need their
// memory, so the body is on nobody's account: only maxSending limits it. It succeeds
// whenever the resource is not full, which is what blockQueue.maySend tells the pool. A
// block that may be sent and is not would keep the pool waiting for its memory.
func (s sending) tryTake() (*fairshare.Lease, bool) {
	lease, err := s.TryAcquire(fairshare.Holder{}, 1)
	return lease, err == nil
}
