package azblob

import (
	"context"
	"runtime"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory/buffers"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// maxSending is the most bodies that one backend sends at once. Each body needs a connection,
// which takes some 80 KiB outside of the memory budget. Without the limit, hundreds of uploads
// with small blocks would open thousands of connections.
const maxSending = 256

// sending limits how many bodies of uploads are being sent. Tenants and users take turns: a
// user with hundreds of uploads does not delay the blocks of another user.
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

// take waits until one more body may be sent. It waits for the limit of the user and the tenant
// first, so that a user at that limit does not take a place that others could use. Requests
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

// tryTake does not wait. It is for blocks that are sent early because other uploads need their
// memory. So the body counts for no holder, and only maxSending limits it. tryTake succeeds
// whenever the resource is not full, because blockQueue.maySend promises that to the pool.
// Otherwise the pool would wait for the memory of a block that is not sent.
func (s sending) tryTake() (bodyOnItsWay, bool) {
	place, err := s.TryAcquire(fairshare.Holder{}, 1)
	return bodyOnItsWay{place, func() {}}, err == nil
}

// processors are the processors that encrypt and send the bodies of uploads over TLS. Each
// piece of a body waits for a turn, so that a tenant with hundreds of bodies does not get a
// hundred times the processor time of a tenant with a few.
type processors struct{ *fairshare.Resource }

// newProcessors reserves one processor for other work where there are more than two. An idle
// processor polls the network at once; without one the runtime polls only every 10 ms.
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
