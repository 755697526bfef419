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
