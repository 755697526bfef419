package observe_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
)

// Whose sessions are traced follows the setting at once, by address, by user, and by the
// login that a client only claims. Nothing is allocated for the others.
func TestWhoIsTraced(t *testing.T) {
	trace := &observe.Trace{}
	r := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.DiscardHandler), Shared: observe.Shared{Trace: trace}})
	defer r.Close()
	s := r.NewSession(netip.MustParseAddrPort("203.0.113.7:1"))
	network := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	for name, test := range map[string]struct {
		set   observe.Traced
		claim string
		user  session.User
		want  bool
	}{
		"nobody":          {observe.Traced{}, "ann", session.User{Tenant: "acme", Name: "ann"}, false},
		"address":         {observe.Traced{Networks: network}, "", session.User{}, true},
		"user":            {observe.Traced{Logins: []string{"ann"}}, "acme/ann", session.User{Tenant: "acme", Name: "Ann"}, true},
		"tenant and user": {observe.Traced{Logins: []string{"acme/ann"}}, "ann", session.User{Tenant: "acme", Name: "ann"}, true},
		"claimed":         {observe.Traced{Logins: []string{"ann"}}, "ANN", session.User{}, true},
		"other user":      {observe.Traced{Logins: []string{"acme/ann"}}, "ann", session.User{Tenant: "other", Name: "ann"}, false},
	} {
		s.Claims(test.claim)
		s.Login(test.user)
		trace.Set(test.set)
		if got := r.IsTraced(s); got != test.want {
			t.Errorf("%s: traced is %v", name, got)
		}
	}
	trace.Set(observe.Traced{})
	if n := testing.AllocsPerRun(100, func() { r.IsTraced(s) }); n != 0 || r.IsTraced(s) {
		t.Errorf("a session that is not traced costs %v allocations", n)
	}
}

// Followers get the dialogue of their sessions while they follow, whatever the log has. Who does
// not read misses lines, which are counted, and delays nobody.
func TestFollow(t *testing.T) {
	trace, text := &observe.Trace{}, &strings.Builder{}
	r := observe.New(observe.Options{Protocol: "ftp", Frontend: "ftp.a", Log: slog.New(slog.NewTextHandler(text, nil)), Shared: observe.Shared{Trace: trace}})
	defer r.Close()
	s, other := r.NewSession(netip.MustParseAddrPort("203.0.113.7:1")), r.NewSession(netip.MustParseAddrPort("203.0.113.8:1"))
	network, endOfNetwork := trace.Follow(observe.Traced{Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}})
	login, endOfLogin := trace.Follow(observe.Traced{Logins: []string{"ann"}})
	say := func(s *session.Session, line string) {
		if r.IsTraced(s) {
			r.Traced(t.Context(), s, observe.FromClient, line)
		}
	}
	say(s, "USER ann")
	say(other, "USER bob")
	s.Claims("ann")
	say(s, "NOOP")
	first, second := <-network.Lines, <-network.Lines
	if first.Text != "USER ann" || first.Session != s.ID || first.Remote != s.Remote || first.Frontend != "ftp.a" || second.Text != "NOOP" || len(network.Lines) != 0 {
		t.Errorf("the follower of the address got %+v and %+v", first, second)
	}
	if got := <-login.Lines; got.Text != "NOOP" || len(login.Lines) != 0 {
		t.Errorf("the follower of the user got %+v", got)
	}
	if text.Len() > 0 {
		t.Errorf("the log has %s", text)
	}
	for range cap(login.Lines) + 3 {
		say(s, "NOOP")
	}
	if n := login.Dropped(); n != 3 || login.Dropped() != 0 {
		t.Errorf("%d lines are dropped", n)
	}
	endOfLogin()
	trace.Set(observe.Traced{Logins: []string{"ann"}})
	say(s, "QUIT")
	if len(login.Lines) != cap(login.Lines) || !strings.Contains(text.String(), "text=QUIT") {
		t.Errorf("after the end: %d lines, the log has %q", len(login.Lines), text)
	}
	trace.Set(observe.Traced{})
	endOfNetwork()
	if r.IsTraced(s) {
		t.Error("the session is traced still")
	}
}

// A flood of sessions without a login, and of refused commands, makes one line for each
// address and cause, and one with the number of the others.
func TestFloodWithoutLogin(t *testing.T) {
	var text strings.Builder
	r := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.NewTextHandler(&text, nil))})
	for range 10_000 {
		s := r.NewSession(netip.MustParseAddrPort("203.0.113.7:1"))
		r.SessionStarted(t.Context(), s)
		r.CommandRefused(t.Context(), s, "USER", "", "530 No", observe.Failure{Cause: "tls_required"})
		r.SessionEnded(t.Context(), s, observe.Ending{Failure: observe.Failure{Cause: "not_ftp"}})
		r.SessionEnded(t.Context(), r.NewSession(netip.AddrPort{}), observe.Ending{Silent: true})
	}
	r.Close()
	lines := strings.Count(text.String(), "\n")
	for _, want := range []string{`msg="more commands refused" proto=ftp count=9999`, `msg="more sessions ended without a login" proto=ftp count=9999 network=203.0.113.7/32 cause=not_ftp`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	if lines != 5 { // with the totals
		t.Errorf("%d lines:\n%.2000s", lines, text.String())
	}
}
