package sftp

import "github.com/tidegate/tidegate/vfs"

// errRevoked is why an upload of a user that was revoked is aborted.
var errRevoked = &vfs.Error{Kind: vfs.KindCanceled, Reason: "user was changed by a reload"}

// revoked reports whether the user was revoked, perhaps a moment before the connection knows.
func (c *conn) revoked() bool {
	select {
	case <-c.account.User.Revoked():
		return true
	default:
		return false
	}
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
	if c.leaving.Load() {
		select {
		case <-c.account.User.RevokedNow():
			return errRevoked
		default:
		}
	}
	return errShutdown
}
