package session

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/internal/fairshare"
)

func from(addr string) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr(addr), 4711) }

func TestRegistryCounts(t *testing.T) {
	r := NewRegistry()
	acme, other := User{"acme", "upload"}, User{"acme", "other"}
	a, b, six := New("ftp", "ftp.a", from("192.0.2.1")), New("sftp", "sftp.a", from("::ffff:192.0.2.1")), New("ftp", "ftp.a", from("2001:db8::1"))
	want := func(when string, all, tenant, user, network int) {
		t.Helper()
		if got := [...]int{r.Len(), r.OfTenant("acme"), r.OfUser(acme), r.OfNetwork(a.Network())}; got != [...]int{all, tenant, user, network} {
			t.Errorf("%s: %v sessions of all, the tenant, the user, the address; want %v", when, got, [...]int{all, tenant, user, network})
		}
	}
	for _, s := range []*Session{a, b, six} {
		r.Add(s)
	}
	want("accepted", 3, 0, 0, 2)
	a.Login(acme)
	b.Login(other)
	want("logged in", 3, 2, 1, 2)
	b.Login(acme)
	want("logged in again", 3, 2, 2, 2)
	a.Logout()
	want("logged out", 3, 1, 1, 2)
	if a.User() != (User{}) || a.User().String() != "" || b.User().String() != "acme/upload" {
		t.Errorf("the users are %q and %q", a.User(), b.User())
	}
	b.End()
	b.End()
	b.Logout()
	want("one ended", 2, 0, 0, 1)
	six.Login(acme)
	if got := r.All(); len(got) != 2 || got[0] != a || got[1] != six {
		t.Errorf("live are %v", got)
	}
	a.End()
	six.End()
	want("all ended", 0, 0, 0, 0)
	if n := len(r.byTenant) + len(r.byUser) + len(r.byNetwork); n != 0 {
		t.Errorf("%d counts are left", n)
	}
}

func TestContext(t *testing.T) {
	if s := From(t.Context()); s != nil || s.User() != (User{}) || s.Network().IsValid() {
		t.Errorf("a context without a session has %v", s)
	}
	s := New("ftp", "ftp.a", netip.AddrPort{})
	if got := From(NewContext(t.Context(), s)); got != s {
		t.Errorf("the context has %v", got)
	}
	// Without a registry it works as well.
	s.Login(User{"acme", "upload"})
	if end := s.BeginTransfer(); s.User().Tenant != "acme" || s.Transfers() != 1 {
		t.Errorf("%v runs %d transfers", s.User(), s.Transfers())
	} else {
		end()
	}
	s.End()
	if s.Transfers() != 0 {
		t.Errorf("%d transfers run", s.Transfers())
	}
}

// Every order of the calls leaves an empty registry.
func TestRegistryConcurrently(t *testing.T) {
	r := NewRegistry()
	var wg sync.WaitGroup
	for range 50 {
		s := New("ftp", "ftp.a", from("192.0.2.1"))
		r.Add(s)
		wg.Go(func() { s.Login(User{"acme", "upload"}) })
		wg.Go(s.Logout)
		wg.Go(s.End)
		wg.Go(func() {
			for _, s := range r.All() {
				_ = s.User()
			}
		})
	}
	wg.Wait()
	if n := r.Len() + len(r.byTenant) + len(r.byUser) + len(r.byNetwork); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// A session pays for what it holds with its address until the login, and with its
// tenant and user from then on.
func TestHolder(t *testing.T) {
	if h := HolderOf(t.Context()); h != (fairshare.Holder{}) {
		t.Errorf("the process is %+v", h)
	}
	s := New("ftp", "ftp.a", from("2001:db8::1"))
	ctx := NewContext(t.Context(), s)
	before := fairshare.Holder{Connection: s.ID, Address: netip.MustParsePrefix("2001:db8::/64")}
	if h := HolderOf(ctx); h != before {
		t.Errorf("before the login: %+v, want %+v", h, before)
	}
	s.Login(User{"acme", "upload"})
	after := before
	after.Tenant, after.User = "acme", "upload"
	if h := HolderOf(ctx); h != after {
		t.Errorf("after the login: %+v, want %+v", h, after)
	}
	s.Logout()
	if h := HolderOf(ctx); h != before {
		t.Errorf("after the logout: %+v, want %+v", h, before)
	}
}
