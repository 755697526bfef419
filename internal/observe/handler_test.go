package observe_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
)

// A line about a session has its id and that of its trace once, also where only the context
// has the session.
func TestLinesOfStoresHaveTheSession(t *testing.T) {
	var text strings.Builder
	log := slog.New(observe.NewHandler(slog.NewTextHandler(&text, nil)))
	s := session.New("ftp", "ftp.public", netip.MustParseAddrPort("192.0.2.1:4711"))
	s.SetTraceID("4bf92f3577b34da6a3ce929d0e0e4736")
	ctx := session.NewContext(t.Context(), s)
	ids := "session=" + s.ID + " trace_id=" + s.TraceID()
	for name, test := range map[string]struct {
		write func()
		want  string
	}{
		"of a store":    {func() { log.With("backend", "azblob.a").WarnContext(ctx, "answer lost", "err", "x") }, ids},
		"of a session":  {func() { log.With("session", s.ID, "trace_id", s.TraceID()).WarnContext(ctx, "answer lost") }, ids},
		"with the id":   {func() { log.WarnContext(ctx, "answer lost", "session", s.ID, "trace_id", s.TraceID()) }, ids},
		"of no session": {func() { log.WarnContext(t.Context(), "answer lost") }, ""},
	} {
		text.Reset()
		test.write()
		if got := text.String(); !strings.Contains(got, test.want) || strings.Count(got, "session=") != strings.Count(test.want, "session=") {
			t.Errorf("%s: %q, want %q once", name, got, test.want)
		}
	}
}
