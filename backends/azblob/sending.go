package azblob

import (
	"context"
	"runtime"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory/buffers"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
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

// bodyOnItsWay is one body.
type bodyOnItsWay struct {
	place *fairshare.Lease
	// answered ends the request of the user's and the tenant's limit.
	answered func()
}

// Release ends it.
func (b bodyOnItsWay) Release() {
	b.place.Release()
	b.answered()
}

// take waits for one: first for the limit of the user and the tenant, so that one that has
// reached it keeps no place from others. Requests
// before its Release have a context of vfs.WithinRequest.
func (s sending) take(ctx context.Context) (bodyOnItsWay, error) {
	answered, err := vfs.BeginRequest(ctx)
	if err != nil {
		return bodyOnItsWay{}, err
	}
	place, err := s.Acquire(ctx, session.HolderOf(ctx), 1)
	if err != nil {
		answered()
		return bodyOnItsWay{}, err
	}
	return bodyOnItsWay{place, answered}, nil
}

// tryTake does not wait. It is for blocks that are sent early because other uploads need
// their memory. So the body counts for no holder, and only maxSending limits it. It succeeds
// whenever the resource is not full, which is what blockQueue.maySend tells the pool:
// otherwise the pool would wait for the memory of a block that is not sent.
func (s sending) tryTake() (bodyOnItsWay, bool) {
	place, err := s.TryAcquire(fairshare.Holder{}, 1)
	return bodyOnItsWay{place, func() {}}, err == nil
}

// processors are those that encrypt and send the bodies of uploads over TLS. There is a turn
// for each piece, so that a tenant with hundreds of bodies does not have a hundred times the
// processor time of one with a few.
type processors struct{ *fairshare.Resource }

// newProcessors leaves one processor, where there are more than two, to what else is to be
// done: the runtime looks for bytes that have come when a processor has nothing to do, and
// otherwise every 10 ms.
func newProcessors(ledger *fairshare.Ledger) processors {
	n := runtime.GOMAXPROCS(0)
	return processors{ledger.Resource("processors that send uploads", int64(max(n-1, min(n, 2))))}
}

// of returns the turns of the session of ctx.
func (p processors) of(ctx context.Context) buffers.Processor {
	holder := session.HolderOf(ctx)
	return func() (end func()) {
		lease, err := p.AcquireBriefly(ctx, holder)
		if err != nil {
			return nil // the request is cancelled, and what is sent does not matter
		}
		return lease.Release
	}
}
