package sftp

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
)

// However many connections a user has, all its handles together leave some for the other
// users of its tenant and for other tenants.
func TestHandlesAreShared(t *testing.T) {
	const capacity = 512
	reporter := observe.New(observe.Options{Protocol: "sftp", Log: slog.New(slog.DiscardHandler)})
	defer reporter.Close()
	srv := &Server{
		o: Options{Memory: memory.Divide(memory.Default)}, observe: reporter,
		draining: make(chan struct{}), shared: newShared(fairshare.New(), 1<<20),
	}
	srv.handles = fairshare.NewResource("handles over SFTP", capacity)
	var conns []*conn
	connect := func(of, user string) *conn {
		client := reporter.NewSession(netip.AddrPort{})
		client.Login(sessions.User{Tenant: of, Name: user})
		raw, other := net.Pipe()
		t.Cleanup(func() { _, _ = raw.Close(), other.Close() })
		c := newConn(sessions.NewContext(t.Context(), client), srv, raw)
		c.account = &auth.Account{User: &tenant.User{}}
		conns = append(conns, c)
		return c
	}
	got := 0
	for range 10 {
		c := connect("acme", "mallory")
		for range 2 * maxOpen {
			if c.reserve() == nil {
				got++
			}
		}
	}
	if most := capacity * 7 / 8 * 7 / 8; got < most*9/10 || got > most {
		t.Errorf("ten connections of a user have %d of %d handles, want nearly %d", got, capacity, most)
	}
	for _, c := range []*conn{connect("acme", "alice"), connect("beta", "bob")} {
		for i := range 10 {
			if err := c.reserve(); err != nil {
				t.Errorf("handle %d of %v: %v", i, c.client.User(), err)
			}
		}
	}
	for _, c := range conns {
		for c.activity.busy() {
			c.release()
		}
	}
	if held := srv.handles.Held(); held != 0 {
		t.Errorf("%d handles are left", held)
	}
}
