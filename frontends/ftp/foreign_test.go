package ftp_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// attacker is a client of the passive port without a login, at the address of one that
// has it: it speaks TLS and knows no ticket. got is what it is sent.
type attacker struct {
	raw net.Conn
	got chan []byte
}

// attackerAt connects to addr. Its handshake waits for act.
func attackerAt(g *gateway, addr string) *attacker {
	g.Helper()
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { _ = raw.Close() })
	return &attacker{raw, make(chan []byte, 1)}
}

// act shakes hands as a new client, sends bytes and ends them in order. It returns
// when that is done, and takes what comes beside that.
func (s *attacker) act(version uint16) {
	c := tls.Client(s.raw, &tls.Config{InsecureSkipVerify: true, MaxVersion: version})
	_, _ = io.WriteString(c, "an attacker's bytes")
	_ = c.CloseWrite()
	go func() {
		got, _ := io.ReadAll(c)
		s.got <- got
	}()
}

// An attacker takes no data connection of a client that resumes its TLS session, be it
// the first of the session or a later one, with the command before the connection or
// behind it.
func TestForeignConnectionComesFirst(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		for _, mode := range []ftp.ReuseMode{ftp.ReusePrefer, ftp.ReuseRequire} {
			for _, commandFirst := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/command first %v", name, mode, commandFirst), func(t *testing.T) {
					t.Parallel()
					b := memory.New()
					g := start(t, b, func(o *ftp.Options) { o.Reuse = mode })
					sharing(g)
					g.tls.MaxVersion = version
					c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
					for i, command := range []string{"STOR own0", "RETR own0", "STOR own2", "STOR own3", "RETR own0", "NLST"} {
						content := fmt.Sprintf("the client's bytes %d", i)
						got := besideAttacker(g, c, command, content, commandFirst)
						if want := "the client's bytes 0"; strings.HasPrefix(command, "RETR") && got != want {
							t.Errorf("%s: %q, want %q", command, got, want)
						}
						if verb, name, _ := strings.Cut(command, " "); verb == "STOR" && stored(t, b, name) != content {
							t.Errorf("%s: %q is stored, want %q", command, stored(t, b, name), content)
						}
					}
				})
			}
		}
	}
}

// besideAttacker does one transfer whose port an attacker reaches first, and returns
// what came. The attacker must get nothing, and the transfer succeed.
func besideAttacker(g *gateway, c *ftpclient.Conn, command, content string, commandFirst bool) string {
	g.Helper()
	addr, err := c.ExtendedPassive()
	if err != nil {
		g.Fatal(err)
	}
	first := attackerAt(g, addr)
	connect := func() net.Conn {
		own, err := net.Dial("tcp", addr)
		if err != nil {
			g.Fatal(err)
		}
		g.Cleanup(func() { _ = own.Close() })
		return own
	}
	var own net.Conn
	if !commandFirst {
		own = connect()
	}
	g.say(c, command, 150)
	first.act(g.tls.MaxVersion)
	if commandFirst {
		own = connect()
	}
	secure := tls.Client(own, g.tls)
	var got []byte
	if strings.HasPrefix(command, "STOR") {
		_, _ = io.WriteString(secure, content)
		_ = secure.CloseWrite()
	}
	got, err = io.ReadAll(secure)
	if err != nil {
		g.Errorf("%s: %v", command, err)
	}
	g.expect(c, 226)
	if got := <-first.got; len(got) > 0 {
		g.Errorf("%s: the attacker got %q", command, got)
	}
	return string(got)
}

// stored returns the content of a file in the store, "" when there is none.
func stored(t *testing.T, b vfs.Backend, name string) string {
	t.Helper()
	r, err := b.Open(t.Context(), vfs.MustParse("/"+name), vfs.OpenOptions{})
	if err != nil {
		return ""
	}
	defer func() { _ = r.Close() }()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// forgetful is a client that takes tickets and shows none.
type forgetful struct{ tls.ClientSessionCache }

func (forgetful) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (forgetful) Put(string, *tls.ClientSessionState)        {}

// A client that never resumes is waited for once in a session, and not at all when it
// takes no tickets.
func TestClientsWithoutTicketsWaitOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cache tls.ClientSessionCache
		waits int
	}{
		"takes tickets": {forgetful{}, 1},
		"takes none":    {nil, 0},
	} {
		for version, number := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
			t.Run(name+"/"+version, func(t *testing.T) {
				t.Parallel()
				waits := announced{
					slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}),
					"data connection without a TLS ticket is taken, no other came", make(chan struct{}, 16),
				}
				g := start(t, memory.New(), func(o *ftp.Options) { o.Log = slog.New(waits) })
				g.tls.ClientSessionCache, g.tls.MaxVersion, g.tls.ServerName = tt.cache, number, "localhost"
				c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
				for i := range 4 {
					if err := c.Put("f", strings.NewReader("12345")); err != nil {
						t.Fatal(err)
					}
					if _, err := c.Get("f", 0, io.Discard); err != nil {
						t.Fatal(err)
					}
					if got := len(waits.seen); got != tt.waits {
						t.Errorf("after %d transfers it was waited for %d times, want %d", 2*(i+1), got, tt.waits)
					}
				}
			})
		}
	}
}

// thrifty shows each ticket once, as RFC 8446, C.4 has it and Java does.
type thrifty struct{ tls.ClientSessionCache }

func (c thrifty) Get(key string) (*tls.ClientSessionState, bool) {
	s, ok := c.ClientSessionCache.Get(key)
	c.Put(key, nil)
	return s, ok
}

// A client that uses each ticket once has none left after an upload over TLS 1.3, which
// brings no new one: its next data connection is taken all the same.
func TestTicketsAreUsedUp(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	sharing(g)
	g.tls.ClientSessionCache = thrifty{g.tls.ClientSessionCache}
	c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
	for range 3 {
		if err := c.Put("f", strings.NewReader("12345")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.MLSD(""); err != nil {
			t.Fatal(err)
		}
		if err := c.Put("g", strings.NewReader("12345")); err != nil {
			t.Fatal(err)
		}
	}
}

// Sessions of one program share a cache of tickets, as rclone's do: what one of them
// loses, by a handshake that fails, all have lost. None is refused for it.
func TestSessionsThatShareTickets(t *testing.T) {
	t.Parallel()
	for version, number := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(version, func(t *testing.T) {
			g := start(t, memory.New(), nil)
			sharing(g)
			g.tls.MaxVersion = number
			a, b := g.login(ftpclient.Options{Security: ftpclient.Explicit}), g.login(ftpclient.Options{Security: ftpclient.Explicit})
			for i := range 6 {
				for _, c := range []*ftpclient.Conn{a, b} {
					if err := c.Put("f", strings.NewReader("12345")); err != nil {
						t.Fatalf("round %d: %v", i, err)
					}
					if _, err := c.MLSD(""); err != nil {
						t.Fatalf("round %d: %v", i, err)
					}
				}
				if i%2 == 1 {
					g.tls.ClientSessionCache.Put("localhost", nil)
				}
			}
		})
	}
}

// Where nothing shows whose the first connection is, one more that comes meanwhile,
// or a moment after it, ends the transfer: nothing that an attacker sent is stored, and
// no client gets a 226 for a file that an attacker got.
func TestForeignConnectionWithoutProof(t *testing.T) {
	t.Parallel()
	for name, security := range map[string]ftpclient.Security{"plain": ftpclient.Plain, "TLS": ftpclient.Explicit} {
		for _, command := range []string{"STOR f", "STOR new", "APPE f", "RETR f"} {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				b := memory.New()
				g := start(t, b, nil)
				c := g.login(ftpclient.Options{Security: security})
				// It does not fit into the buffers of a connection that nobody reads.
				before := strings.Repeat("before", 2<<20)
				if err := c.Put("f", strings.NewReader(before)); err != nil {
					t.Fatal(err)
				}
				addr, err := c.ExtendedPassive()
				if err != nil {
					t.Fatal(err)
				}
				dial := func() net.Conn {
					conn, err := net.Dial("tcp", addr)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = conn.Close() })
					return conn
				}
				first := dial()
				g.say(c, command, 150)
				_ = dial() // the client's own
				if security == ftpclient.Explicit {
					first = tls.Client(first, g.tls)
				}
				_, _ = io.WriteString(first, "an attacker's bytes")
				_ = first.(interface{ CloseWrite() error }).CloseWrite()
				g.expect(c, 451)
				if got := stored(t, b, "f"); got != before {
					t.Errorf("%.100q is stored", got)
				}
				if got := stored(t, b, "new"); got != "" {
					t.Errorf("%q is stored", got)
				}
			})
		}
	}
}

// However many connections come for one reservation and say nothing, 16 of them are open at
// most: each further one ends the oldest. The client's own comes last, and is taken.
func TestManySilentConnections(t *testing.T) {
	t.Parallel()
	const most, all = 16, 200
	b := memory.New()
	g := start(t, b, func(o *ftp.Options) { o.Reuse = ftp.ReuseRequire })
	sharing(g)
	c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
	addr, err := c.ExtendedPassive()
	if err != nil {
		t.Fatal(err)
	}
	g.say(c, "STOR f", 150)
	closed := make(chan error, all)
	for range all {
		silent := attackerAt(g, addr).raw
		if err := silent.SetReadDeadline(time.Now().Add(patience.Limit())); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := silent.Read(make([]byte, 1))
			closed <- err
		}()
	}
	for range all - most {
		if err := <-closed; errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("more than %d silent connections are open", most)
		}
	}
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	own := tls.Client(raw, g.tls)
	defer func() { _ = own.Close() }()
	if _, err := io.WriteString(own, "the client's bytes"); err != nil {
		t.Fatal(err)
	}
	_ = own.CloseWrite()
	g.expect(c, 226)
	if got := stored(t, b, "f"); got != "the client's bytes" {
		t.Errorf("%q is stored", got)
	}
}
