package listen

import (
	"net"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// logins are the connections of a frontend that have not logged in, up to a limit. When
// it is reached, a new connection takes the place of one from the address that has the
// most, if that is more than a tenth of all and than its own address has: of the oldest
// that has sent nothing, or else of the oldest. So one address may use all places that
// others do not need.
type logins struct {
	places *fairshare.Resource
	// refused reports a connection that gets no place, or that loses its place.
	refused func(net.Conn, Refusal)
}

// Login is the place of one connection that has not logged in. A nil Login is none.
// Its methods may be called concurrently and more than once.
type Login struct{ place *fairshare.Lease }

// tooManyLogins is why there is no place for a connection.
var tooManyLogins = Refusal{"too many are about to log in", "max_logins"}

// enter gives a connection a place, or reports it as refused and returns nil. A
// connection that has to make room is closed.
func (l *logins) enter(s *session.Session, c net.Conn) *Login {
	place, err := l.places.Displace(s.Holder(), func() {
		l.refused(c, tooManyLogins)
		_ = c.Close()
	})
	if err != nil {
		l.refused(c, tooManyLogins)
		return nil
	}
	return &Login{place}
}

// Begun notes that the client has sent what a client of the protocol sends first.
func (l *Login) Begun() {
	if l != nil {
		l.place.Engage()
	}
}

// Leave gives the place back: the connection is logged in, or over.
func (l *Login) Leave() {
	if l != nil {
		l.place.Release()
	}
}
