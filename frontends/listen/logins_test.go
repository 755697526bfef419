package listen

import (
	"net"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// fakeConn is a connection of an address.
type fakeConn struct {
	net.Conn
	addr   net.TCPAddr
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr { return &c.addr }

func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}

// Each row is a history of ten places: "a" is a connection of the address a that has
// said nothing, "A" one that has. The last one is the newcomer.
func TestLogins(t *testing.T) {
	for _, test := range []struct {
		name, comers string
		refused      bool
		victim       int // -1 for none
	}{
		{"there is room", "aaaaaaaaaa", false, -1},
		{"one address has all, another comes", "aaaaaaaaaab", false, 0},
		{"the same, and they spoke", "AAAAAAAAAAb", false, 0},
		{"a silent one goes before one that spoke", "AAAAaAAAAAb", false, 4},
		{"one address has all and comes again", "aaaaaaaaaaa", false, 0},
		{"and it has spoken", "AAAAAAAAAAa", true, -1},
		{"the address with the most makes room", "bbccaaaaddb", false, 4},
		{"but not for one that has as many", "BBBBBAAAAAb", true, -1},
		{"nor for one that would then have more", "BBBBAAAAACb", true, -1},
		{"all come from everywhere", "abcdefghijk", false, 0},
		{"and have spoken", "ABCDEFGHIJk", true, -1},
		{"but one", "ABCDEFGhIJk", false, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			refused := 0
			logins := &logins{fairshare.NewResource("logins", 10), newLimiter(0, 0), func(net.Conn, Refusal) { refused++ }}
			conns := make([]*fakeConn, len(test.comers))
			entered := make([]*Login, len(test.comers))
			for i, r := range test.comers {
				conns[i] = &fakeConn{addr: net.TCPAddr{IP: net.IPv4(192, 0, 2, strings.ToLower(string(r))[0])}}
				entered[i] = logins.enter(session.New("ftp", "ftp.test", RemoteOf(conns[i])), conns[i])
				if entered[i] != nil && r < 'a' {
					entered[i].Begun()
				}
			}
			last := len(conns) - 1
			if refused := entered[last] == nil; refused != test.refused {
				t.Errorf("refused: %v", refused)
			}
			for i, c := range conns {
				if c.closed != (i == test.victim) {
					t.Errorf("connection %d is closed: %v", i, c.closed)
				}
			}
			for _, login := range entered {
				login.Leave()
			}
			if held := logins.places.Held(); held != 0 {
				t.Errorf("%d are left", held)
			}
			if one := test.refused || test.victim >= 0; one != (refused == 1) {
				t.Errorf("%d are reported as refused", refused)
			}
		})
	}
}

// An address has no more than its limit, also when there is room; others come in, and one
// that has left makes room.
func TestLoginsOfOneAddress(t *testing.T) {
	var why []Refusal
	logins := &logins{fairshare.NewResource("logins", 10), newLimiter(0, 2), func(_ net.Conn, r Refusal) { why = append(why, r) }}
	enter := func(host byte) *Login {
		c := &fakeConn{addr: net.TCPAddr{IP: net.IPv4(192, 0, 2, host)}}
		return logins.enter(session.New("ftp", "ftp.test", RemoteOf(c)), c)
	}
	first, second := enter(1), enter(1)
	if first == nil || second == nil || enter(1) != nil {
		t.Fatal("the limit of an address is not two")
	}
	if len(why) != 1 || why[0].Setting != "max_unauthenticated_per_address" {
		t.Errorf("refused: %v", why)
	}
	other := enter(2)
	first.Leave()
	first.Leave()
	third := enter(1)
	if other == nil || third == nil || enter(1) != nil {
		t.Error("another address, or one that has left, makes no room")
	}
	for _, l := range []*Login{second, third, other} {
		l.Leave()
	}
	if held := logins.places.Held(); held != 0 || len(logins.each.byAddress) != 0 {
		t.Errorf("%d are left of %v", held, logins.each.byAddress)
	}
}
