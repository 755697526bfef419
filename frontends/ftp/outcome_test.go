package ftp_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// lines returns the lines that contain text.
func (j *journal) lines(text string) (found []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// A data connection that does not come is a warning that says where to look, whatever
// the command; the store's part of it is no success, and the reply names the port.
func TestDataConnectionDoesNotCome(t *testing.T) {
	t.Parallel()
	for name, security := range map[string]ftpclient.Security{"plain": ftpclient.Plain, "TLS": ftpclient.Explicit} {
		for _, command := range []string{"LIST", "NLST", "MLSD", "RETR f", "STOR f", "APPE f"} {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				var log journal
				g := start(t, memory.New(), func(o *ftp.Options) {
					o.Log = slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil))
					o.Passive.Lifetime, o.Passive.Patience = patience.Scale(time.Second), patience.Scale(time.Second)
				})
				c := g.login(ftpclient.Options{Security: security})
				if err := c.Put("f", strings.NewReader("content")); err != nil {
					t.Fatal(err)
				}
				addr, err := c.ExtendedPassive()
				if err != nil {
					t.Fatal(err)
				}
				g.say(c, command, 150)
				reply, err := c.Receive()
				if err != nil {
					t.Fatal(err)
				}
				_, port, _ := net.SplitHostPort(addr)
				if reply.Code != 425 || !strings.Contains(reply.Text(), port) {
					t.Errorf("the reply is %v, want 425 and port %s", reply, port)
				}
				verb, _, _ := strings.Cut(command, " ")
				warnings := log.lines("data connection did not come")
				if len(warnings) != 1 {
					t.Fatalf("%d warnings, want 1: %q", len(warnings), warnings)
				}
				for _, want := range []string{"level=WARN", "command=" + verb, "advertised=" + addr, "listens=" + port, "passive.host"} {
					if !strings.Contains(warnings[0], want) {
						t.Errorf("the warning does not say %q: %s", want, warnings[0])
					}
				}
				for _, op := range []string{"op=list", "op=read"} {
					for _, line := range log.lines(op) {
						if !strings.Contains(line, "kind=canceled setting=passive.host") {
							t.Errorf("a success is logged, or no setting: %s", line)
						}
					}
				}
			})
		}
	}
}

// What was read and sent is logged when it is.
func TestDownloadsAreLogged(t *testing.T) {
	t.Parallel()
	var log journal
	g := start(t, memory.New(), func(o *ftp.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	c := g.login(ftpclient.Options{})
	if err := c.Put("f", strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("f", 0, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NLST(""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"op=read path=/f", "op=list path=/"} {
		lines := log.lines(want)
		if len(lines) != 1 || strings.Contains(lines[0], "err=") {
			t.Errorf("%s is logged as %q", want, lines)
		}
	}
}

// A name for PASV that does not resolve is a warning at the start.
func TestPassiveHostIsLookedUp(t *testing.T) {
	t.Parallel()
	warned := announced{slog.NewTextHandler(t.Output(), nil), "the passive host has no IPv4 address: PASV is refused until it has", make(chan struct{}, 8)}
	start(t, memory.New(), func(o *ftp.Options) {
		o.Log, o.Passive.Host = slog.New(warned), "ftp.tidegate.invalid"
	})
	select {
	case <-warned.seen:
	case <-t.Context().Done():
	case <-time.After(patience.Limit()):
		t.Error("no warning")
	}
}
