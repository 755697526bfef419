package sftp

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// A user that has all readers of the store, and uses none, gives one to the next user.
func TestIdleReaderGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		readers := fairshare.NewResource("readers over SFTP", 1)
		var calls sync.WaitGroup
		of := func(user string) *streams {
			s := &streams{shared: readers, holder: func() fairshare.Holder { return fairshare.Holder{Tenant: "t", User: user} }}
			s.init(maxReaders, readerIdle, &calls)
			return s
		}
		mallory, bob := of("mallory"), of("bob")
		dropped := 0
		first := &stream{drop: func() { dropped++ }, ctx: t.Context()}
		mallory.enter(first)
		mallory.leave(first, true)
		begun := time.Now()
		second := &stream{drop: func() {}, ctx: t.Context()}
		bob.enter(second)
		if waited := time.Since(begun); dropped != 1 || waited > 2*readerIdle {
			t.Errorf("%d readers were closed after %v", dropped, waited)
		}
		bob.leave(second, false)
		mallory.end(first)
		calls.Wait()
		if readers.Held() != 0 {
			t.Errorf("%d readers are left", readers.Held())
		}
	})
}
