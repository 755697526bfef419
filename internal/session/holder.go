package session

import (
	"context"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// Holder returns the holder to which the scarce resources of the session are charged: the
// address of its client before the login, its tenant and user after it. A nil Session stands for
// the process.
func (s *Session) Holder() fairshare.Holder {
	if s == nil {
		return fairshare.Holder{}
	}
	u := s.User()
	return fairshare.Holder{Connection: s.ID, Tenant: u.Tenant, User: u.Name, Address: s.Network()}
}

// HolderOf returns the holder that the work of ctx is done for.
func HolderOf(ctx context.Context) fairshare.Holder { return From(ctx).Holder() }
