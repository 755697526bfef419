package ftp

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/frontends/auth"
)

// Each wrong password is answered later than the one before. A client that
// leaves, and a server that stops, do not wait.
func TestWrongPasswordsAreAnsweredLater(t *testing.T) {
	users, err := auth.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		o := Options{Auth: users}
		o.setDefaults()
		gone, leave := context.WithCancel(t.Context())
		s := &session{
			srv: &Server{o: o, draining: t.Context()}, ctx: t.Context(), gone: gone,
			log: slog.New(slog.DiscardHandler), raw: &oneAddr{},
		}
		for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			start := time.Now()
			// The empty password is refused without a hash.
			if _, err := s.login("u", ""); err == nil {
				t.Error("the login succeeds")
			}
			if got := time.Since(start); got != want {
				t.Errorf("wrong password %d took %v, want %v", s.failures, got, want)
			}
			if s.again != (s.failures < maxTries) {
				t.Errorf("after %d wrong passwords another may be tried: %v", s.failures, s.again)
			}
		}
		leave()
		start := time.Now()
		s.delay()
		if got := time.Since(start); got != 0 {
			t.Errorf("a client that is gone was waited for, %v", got)
		}
	})
}

func TestCrowd(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	six, sibling, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:1"), netip.MustParseAddr("2001:db8:0:1::1")
	type step struct {
		addr  netip.Addr
		enter bool
		ok    bool
	}
	for name, tt := range map[string]struct {
		max, perAddr int
		steps        []step
	}{
		"no bound":    {0, 0, []step{{a, true, true}, {a, true, true}, {netip.Addr{}, true, true}}},
		"all":         {2, 0, []step{{a, true, true}, {b, true, true}, {a, true, false}, {b, false, true}, {a, true, true}, {a, true, false}}},
		"one address": {0, 1, []step{{a, true, true}, {a, true, false}, {b, true, true}, {a, false, true}, {a, true, true}}},
		"one network": {0, 1, []step{{six, true, true}, {sibling, true, false}, {other, true, true}}},
		"both":        {2, 1, []step{{a, true, true}, {a, true, false}, {b, true, true}, {six, true, false}}},
	} {
		c := newCrowd(tt.max, tt.perAddr)
		for i, s := range tt.steps {
			if !s.enter {
				c.leave(s.addr)
			} else if got := c.enter(s.addr); got != s.ok {
				t.Errorf("%s: step %d enters: %v, want %v", name, i, got, s.ok)
			}
		}
	}
	c := newCrowd(5, 5)
	c.enter(a)
	c.leave(a)
	if len(c.byAddr) != 0 || c.all != 0 {
		t.Errorf("an empty crowd remembers %v, %d", c.byAddr, c.all)
	}
}

// oneAddr is a connection that only has an address.
type oneAddr struct{ net.Conn }

func (oneAddr) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }
