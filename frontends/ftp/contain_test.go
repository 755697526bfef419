package ftp

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/internal/auth"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

// A panic of the filter, or of any goroutine of a session, ends that session
// alone.
func TestPanicEndsOneSession(t *testing.T) {
	t.Parallel()
	accounts, err := auth.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := New(t.Context(), Options{
		Listen: "127.0.0.1:0", Passive: PassiveOptions{Listen: "127.0.0.1:0"}, Auth: accounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.commands["FILTER"] = &command{verb: "FILTER", open: true, run: func(*session, control.Line) *engine.Command { panic("planted") }}
	srv.commands["BESIDE"] = &command{verb: "BESIDE", open: true, run: func(s *session, _ control.Line) *engine.Command {
		s.start(func() { panic("planted") })
		<-s.ctx.Done()
		return nil
	}}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(ctx); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	defer wg.Wait()
	defer cancel()

	connect := func() (net.Conn, *bufio.Reader) {
		t.Helper()
		c, err := net.Dial("tcp", srv.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		r := bufio.NewReader(c)
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return c, r
	}
	other, answers := connect()
	for _, verb := range []string{"FILTER", "BESIDE"} {
		c, r := connect()
		if _, err := io.WriteString(c, verb+"\r\n"); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(r); err != nil && !strings.Contains(err.Error(), "reset") || strings.Contains(string(rest), "planted") {
			t.Errorf("%s: %q, %v, want the end of the connection", verb, rest, err)
		}
		if _, err := io.WriteString(other, "HELP\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Errorf("%s ended another session: %v", verb, err)
		}
	}
	if n := srv.observe.Metrics().Sum("tidegate_sessions_total"); n != 3 {
		t.Errorf("%v sessions are counted, want 3", n)
	}
}
