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

// tryTake does not wait. It leaves some for other tenants and users.
func (s sending) tryTake(ctx context.Context) (*fairshare.Lease, bool) {
	lease, err := s.TryAcquire(session.HolderOf(ctx), 1)
	return lease, err == nil
}
