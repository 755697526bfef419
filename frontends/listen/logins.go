package listen

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/internal/clientaddr"
)

// Logins are the connections of a frontend that have not logged in. When there are
// as many as may be, a connection takes the place of one from the address that has
// the most, if that is more than a tenth of all and than its own address has: of one
// that has said nothing, or else of the one that came first. So one address may use
// all places that others do not need. Its methods may be called at the same time.
type Logins struct {
	most int
	door *Door

	mu  sync.Mutex
	all []*Login // the first to come in front
}

// Login is one connection that has not logged in.
type Login struct {
	conn  net.Conn
	from  netip.Prefix
	begun bool // guarded by Logins.mu
}

// tooMany is why one of them is turned away.
var tooMany = Refusal{"too many are about to log in", "max_logins"}

// NewLogins returns the logins of a door, of which there may be so many at once.
func NewLogins(most int, door *Door) *Logins { return &Logins{most: most, door: door} }

// Enter takes one more connection. It returns nil, having noted it, when there is no
// room. Leave follows when it does not. A connection that has to make room is
// closed.
func (l *Logins) Enter(c net.Conn) *Login {
	login := &Login{conn: c, from: clientaddr.Network(AddrOf(c))}
	l.mu.Lock()
	var victim *Login
	if len(l.all) >= l.most {
		if victim = l.victim(login.from); victim == nil {
			l.mu.Unlock()
			l.door.Refuse(c, tooMany)
			return nil
		}
		l.remove(victim)
	}
	l.all = append(l.all, login)
	l.mu.Unlock()
	if victim != nil {
		l.door.Refuse(victim.conn, tooMany)
		_ = victim.conn.Close()
	}
	return login
}

// Begun notes that the client has said what a client says first. It may be called
// more than once, and with nil, as may Leave.
func (l *Logins) Begun(login *Login) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if login != nil {
		login.begun = true
	}
}

// Leave notes that a connection is logged in, or over.
func (l *Logins) Leave(login *Login) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(login)
}

func (l *Logins) remove(login *Login) {
	l.all = slices.DeleteFunc(l.all, func(other *Login) bool { return other == login })
}

// victim returns who has to make room for one more connection of an address, nil
// when nobody has. mu is held.
func (l *Logins) victim(from netip.Prefix) *Login {
	counts := map[netip.Prefix]int{}
	largest := from
	for _, login := range l.all {
		counts[login.from]++
		if counts[login.from] > counts[largest] {
			largest = login.from
		}
	}
	// first returns the first one that will do.
	first := func(will func(*Login) bool) *Login {
		if at := slices.IndexFunc(l.all, will); at >= 0 {
			return l.all[at]
		}
		return nil
	}
	if counts[largest] <= max(l.most/10, 1) {
		// They come from everywhere: who has said nothing yet is the least loss.
		return first(func(login *Login) bool { return !login.begun })
	}
	if silent := first(func(login *Login) bool { return login.from == largest && !login.begun }); silent != nil {
		return silent
	}
	if counts[from]+1 >= counts[largest] {
		return nil
	}
	return first(func(login *Login) bool { return login.from == largest })
}
