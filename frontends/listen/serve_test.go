package listen

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/observe"
)

// from is a connection from a port of one address.
type from struct {
	net.Conn
	port int
}

func (f from) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: f.port} }
func (f from) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 21} }

// log is what was logged since it was taken last.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// A flood of connections that are refused is a line for the first one and one
// for each minute. The counts add up.
func TestFloodInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := &log{}
		reporter := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		}))})
		s := New(Options{Limits: Limits{MaxSessions: 1}, Observe: reporter})
		refused := 0
		release := make(chan struct{})
		p := Protocol{
			Serve:  func(context.Context, net.Conn, *Login) { <-release },
			Refuse: func(context.Context, net.Conn) { refused++ },
		}
		want := func(when string, lines ...string) {
			t.Helper()
			synctest.Wait()
			if got := text.take(); got != strings.Join(append(lines, ""), "\n") {
				t.Errorf("%s the log says\n%swant\n%s", when, got, strings.Join(lines, "\n"))
			}
		}
		refusedLine := func(port int) string {
			return fmt.Sprintf(`level=WARN msg="session refused" proto=ftp remote_ip=192.0.2.1 remote_port=%d reason="too many sessions" setting=max_sessions`, port)
		}
		more := func(n, last int) string {
			return fmt.Sprintf(`level=WARN msg="more sessions refused" proto=ftp count=%d last=192.0.2.1:%d reason="too many sessions" setting=max_sessions`, n, last)
		}
		enter := func(port int) {
			t.Helper()
			refused = 0
			if s.serve(t.Context(), from{port: port}, p); refused != 1 {
				t.Errorf("there is room for connection %d", port)
			}
		}
		var first sync.WaitGroup
		first.Go(func() { s.serve(t.Context(), from{port: 1}, p) })
		want("at first")
		for port := 2; port <= 1000; port++ {
			enter(port)
		}
		want("in the flood", refusedLine(2))
		s.refused(from{port: 7}, Refusal{"another reason", "other"})
		want("of another reason", `level=WARN msg="session refused" proto=ftp remote_ip=192.0.2.1 remote_port=7 reason="another reason" setting=other`)
		time.Sleep(loglimit.Quiet)
		want("after a minute", more(998, 1000))
		enter(1001)
		want("while the flood continues")
		time.Sleep(loglimit.Quiet)
		want("after two minutes", more(1, 1001))
		time.Sleep(loglimit.Quiet)
		want("after a minute of peace")
		enter(1002)
		want("after the peace", refusedLine(1002))
		enter(1003)
		reporter.Close()
		want("at the end", more(1, 1003), "level=INFO msg=served sessions=0 logins=0 refused=1003 uploads=0 aborted=0")
		close(release)
		first.Wait()
		refused = 0
		if s.serve(t.Context(), from{port: 2}, p); refused != 0 {
			t.Error("there is no room when the first one has left")
		}
	})
}
