package listen

import (
	"net"
	"sync"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// logins are the connections of a frontend that have not logged in, up to a limit. At the limit
// a new connection takes the place of one of the address that has the most: the oldest for
// which Begun was not called, or, if the own address of the new connection has fewer, the
// oldest. If no address has more than a tenth of the places, it is the oldest of any address
// for which Begun was not called. So one address may use all places that others do not need.
type logins struct {
	places *fairshare.Resource
	// each limits those of one address.
	each *limiter
	// refused reports a connection that gets no place, or that loses its place.
	refused func(net.Conn, Refusal)
}

// Login is the place of one connection that has not logged in. A nil Login is none.
// Its methods may be called concurrently and more than once.
type Login struct {
	place *fairshare.Lease
	// leave ends what the connection counts of its address.
	leave func()
}

// tooManyLogins is why there is no place for a connection.
var tooManyLogins = Refusal{"too many are about to log in", "max_logins"}

// tooManyOfAddress is why there is no place for a connection of an address.
var tooManyOfAddress = Refusal{"too many of one address are about to log in", "max_unauthenticated_per_address"}

// enter gives a connection a place, or reports it as refused and returns nil. A
// connection that has to make room is closed.
func (l *logins) enter(s *session.Session, c net.Conn) *Login {
	addr := AddrOf(c)
	if _, ok := l.each.acquire(addr); !ok {
		l.refused(c, tooManyOfAddress)
		return nil
	}
	leave := sync.OnceFunc(func() { l.each.release(addr) })
	place, err := l.places.Displace(s.Holder(), func() {
		l.refused(c, tooManyLogins)
		_ = c.Close()
	})
	if err != nil {
		leave()
		l.refused(c, tooManyLogins)
		return nil
	}
	return &Login{place, leave}
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
		l.leave()
	}
}
