package limits

import (
	"context"
	"sync"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// Account is one user with the tenant. Its methods may be called concurrently. Those of a
// nil Account limit nothing.
type Account struct {
	// holders are those of the user and of the tenant.
	holders []*holder
}

var _ vfs.Limiter = (*Account)(nil)

// Session counts a session that has logged in, until leave is called. The error is
// KindBusy, with a Reached as its cause.
func (a *Account) Session() (leave func(), err error) {
	return a.count((*holder).addSession, (*holder).removeSession, "too many sessions of this ")
}

// Transfer counts a file that is open for reading or writing, until end is called. The
// error is KindBusy, with a Reached as its cause.
func (a *Account) Transfer() (end func(), err error) {
	return a.count((*holder).addTransfer, (*holder).removeTransfer, "too many transfers of this ")
}

// count counts one for the user and for the tenant, or for neither. reason and the word
// for the owner are the reply to the client.
func (a *Account) count(add func(*holder) *Reached, remove func(*holder), reason string) (end func(), err error) {
	if a == nil {
		return func() {}, nil
	}
	for i, h := range a.holders {
		reached := add(h)
		if reached == nil {
			continue
		}
		for _, counted := range a.holders[:i] {
			remove(counted)
		}
		return nil, &vfs.Error{Kind: vfs.KindBusy, Reason: reason + h.owner.noun() + ", try again later", Err: reached}
	}
	return sync.OnceFunc(func() {
		for _, h := range a.holders {
			remove(h)
		}
	}), nil
}

// Request implements vfs.Limiter: it waits until the user and the tenant may have one
// more request to a store on its way. Users of a tenant, and sessions of a user, take turns.
func (a *Account) Request(ctx context.Context) (answered func(), err error) {
	var leases []*fairshare.Lease
	answered = func() {
		for _, l := range leases {
			l.Release()
		}
	}
	if a == nil {
		return answered, nil
	}
	for _, h := range a.holders {
		if !h.limitsRequests.Load() {
			continue
		}
		lease, err := h.requests.Acquire(ctx, session.HolderOf(ctx), 1)
		if err != nil {
			answered()
			return nil, vfs.NewError(vfs.KindCanceled, err)
		}
		leases = append(leases, lease)
	}
	return answered, nil
}

// Download implements vfs.Limiter.
func (a *Account) Download() vfs.Meter { return a.meter(false) }

// Upload implements vfs.Limiter. size is how many bytes of the file are there already.
func (a *Account) Upload(size int64) (vfs.Meter, error) {
	m := a.meter(true)
	return m, m.Have(size)
}

func (a *Account) meter(uploads bool) *meter {
	m := &meter{uploads: uploads}
	if a == nil {
		return m
	}
	m.holders = a.holders
	for _, h := range a.holders {
		b := h.down
		if uploads {
			b = h.up
		}
		m.buckets = append(m.buckets, b)
	}
	return m
}
