package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// errKicked is why an upload is aborted whose session an operator ends.
var errKicked = &vfs.Error{Kind: vfs.KindCanceled, Reason: sessions.EndKicked}

// errRevoked is why an upload of a user that was revoked is aborted.
var errRevoked = &vfs.Error{Kind: vfs.KindCanceled, Reason: "user was changed by a reload"}

// errLeaving is the answer to what a user asks for that was revoked.
var errLeaving = &refusal{&vfs.Error{Kind: vfs.KindBusy, Reason: "account was changed, log in again"}, "user_changed", "on_change"}

// revoked reports whether the user was revoked, perhaps a moment before the connection knows.
func (c *conn) revoked() bool {
	select {
	case <-c.account.User.Revoked():
		return true
	default:
		return false
	}
}

// permits returns why a request about names is not served because the user was revoked. What
// is open can be finished: its client may ask for the attributes of a file that it uploads,
// and set them.
func (s *session) permits(r *request) error {
	if !s.conn.revoked() {
		return nil
	}
	switch {
	case r.Type == wire.TypeRealpath, r.Extended == wire.Limits: // these reach no store
		return nil
	case r.Type == wire.TypeStat, r.Type == wire.TypeLstat, r.Type == wire.TypeSetstat, r.Extended == wire.Lsetstat:
		if len(r.paths) == 0 {
			break
		}
		if f := s.openAt(r.paths[0]); f != nil && f.writes() {
			return nil
		}
	}
	return errLeaving
}

// yield lets the connection end as soon as nothing is open or in flight, because its user
// was revoked.
func (c *conn) yield() {
	c.leaving.Store(true)
	c.settle()
}

// drop ends the connection with everything that is open, because its user was revoked.
func (c *conn) drop() {
	c.end(c.account.User.WhyRevoked())
	c.cancel()
}

// forced returns why the context of the connection has ended.
func (c *conn) forced() error {
	if c.client.IsKicked() {
		return errKicked
	}
	if c.leaving.Load() {
		select {
		case <-c.account.User.RevokedNow():
			return errRevoked
		default:
		}
	}
	return errShutdown
}
