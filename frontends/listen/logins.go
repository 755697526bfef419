package listen

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/internal/clientaddr"
)

// logins are the connections of a frontend that have not logged in, up to a limit.
// When it is reached, a new connection takes the place of one from the address that
// has the most, if that is more than a tenth of all and than its own address has:
// of one that has sent nothing, or else of the oldest. So one address may use all
// places that others do not need.
type logins struct {
	most int
	// refused reports a connection that gets no place, or that loses its place.
	refused func(net.Conn, Refusal)

	mu  sync.Mutex
	all []*Login // the oldest first
}

// Login is the place of one connection that has not logged in. A nil Login is none.
// Its methods may be called concurrently and more than once.
type Login struct {
	of    *logins
	conn  net.Conn
	from  netip.Prefix
	begun bool // guarded by logins.mu
}

// tooManyLogins is why there is no place for a connection.
var tooManyLogins = Refusal{"too many are about to log in", "max_logins"}

func newLogins(most int, refused func(net.Conn, Refusal)) *logins {
	return &logins{most: most, refused: refused}
}

// enter gives a connection a place, or reports it as refused and returns nil. A
// connection that has to make room is closed.
func (l *logins) enter(c net.Conn) *Login {
	login := &Login{of: l, conn: c, from: clientaddr.Network(AddrOf(c))}
	l.mu.Lock()
	var victim *Login
	if l.most > 0 && len(l.all) >= l.most {
		if victim = l.victim(login.from); victim == nil {
			l.mu.Unlock()
			l.refused(c, tooManyLogins)
			return nil
		}
		l.remove(victim)
	}
	l.all = append(l.all, login)
	l.mu.Unlock()
	if victim != nil {
		l.refused(victim.conn, tooManyLogins)
		_ = victim.conn.Close()
	}
	return login
}

// Begun notes that the client has sent what a client of the protocol sends first.
func (l *Login) Begun() {
	if l == nil {
		return
	}
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	l.begun = true
}

// Leave gives the place back: the connection is logged in, or over.
func (l *Login) Leave() {
	if l == nil {
		return
	}
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	l.of.remove(l)
}

func (l *logins) remove(login *Login) {
	l.all = slices.DeleteFunc(l.all, func(other *Login) bool { return other == login })
}

// victim returns the connection that has to make room for one more of an address,
// nil when none has. mu is held.
func (l *logins) victim(from netip.Prefix) *Login {
	counts := map[netip.Prefix]int{}
	largest := from
	for _, login := range l.all {
		counts[login.from]++
		if counts[login.from] > counts[largest] {
			largest = login.from
		}
	}
	// oldest returns the oldest one for which fits is true.
	oldest := func(fits func(*Login) bool) *Login {
		if at := slices.IndexFunc(l.all, fits); at >= 0 {
			return l.all[at]
		}
		return nil
	}
	if counts[largest] <= max(l.most/10, 1) {
		// They come from everywhere: one that has sent nothing yet is the least loss.
		return oldest(func(login *Login) bool { return !login.begun })
	}
	if silent := oldest(func(login *Login) bool { return login.from == largest && !login.begun }); silent != nil {
		return silent
	}
	if counts[from]+1 >= counts[largest] {
		return nil
	}
	return oldest(func(login *Login) bool { return login.from == largest })
}
