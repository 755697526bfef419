package ftp_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// sparing takes no byte from its connection that TLS does not need yet, as
// OpenSSL does: what comes behind the handshake stays with the system.
type sparing struct{ net.Conn }

func (c sparing) Read(b []byte) (int, error) { return c.Conn.Read(b[:min(1, len(b))]) }

// A client that closes its data connection while something of ours is unread
// sends a reset, and what it sent before may be lost.
func TestNothingIsUnreadBehindAnUpload(t *testing.T) {
	t.Parallel()
	for name, cache := range map[string]tls.ClientSessionCache{
		"new session":     nil,
		"resumed session": tls.NewLRUClientSessionCache(1),
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			g := start(t, b, withUsers(t, b, tenant.UploadPolicy{}))
			g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: cache}
			c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
			for _, command := range []string{"STOR f", "APPE f", "STOU f"} {
				// A large file: its end is still with the client's system at the close.
				for _, size := range []int{6, 4 << 20} {
					data, secure := secureData(g, c, command)
					if resumed := secure.ConnectionState().DidResume; resumed != (cache != nil) {
						t.Errorf("%s: resumed is %v", command, resumed)
					}
					if _, err := secure.Write(make([]byte, size)); err != nil {
						t.Errorf("%s, %d bytes: %v", command, size, err)
					}
					_ = secure.Close()
					_ = data.Close()
					g.expect(c, 226)
				}
			}
		})
	}
}

// secureData begins a transfer over a TLS connection that reads sparingly.
func secureData(g *gateway, c *ftpclient.Conn, command string) (net.Conn, *tls.Conn) {
	g.Helper()
	addr, err := c.ExtendedPassive()
	if err != nil {
		g.Fatal(err)
	}
	data, err := net.Dial("tcp", addr)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { _ = data.Close() })
	g.say(c, command, 150)
	secure := tls.Client(sparing{data}, g.tls)
	if err := secure.Handshake(); err != nil {
		g.Fatal(err)
	}
	return data, secure
}

// A client that may use each ticket only once gets the next from what it reads,
// and where resumption is demanded from all.
func TestTicketsForTheNextConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reuse   ftp.ReuseMode
		uploads int
	}{
		"preferred": {ftp.ReusePrefer, 0},
		"required":  {ftp.ReuseRequire, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			with := withUsers(t, b, tenant.UploadPolicy{})
			g := start(t, b, func(o *ftp.Options) { with(o); o.Reuse = tt.reuse })
			tickets := &counted{ClientSessionCache: tls.NewLRUClientSessionCache(1)}
			g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: tickets}
			c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
			for _, step := range []struct {
				do   func() error
				want int
			}{
				{func() error { return readingUpload(g, c) }, tt.uploads},
				{func() error { _, err := c.Get("f", 0, &bytes.Buffer{}); return err }, 1},
				{func() error { _, err := c.MLSD(""); return err }, 1},
			} {
				before := tickets.n
				if err := step.do(); err != nil {
					t.Fatal(err)
				}
				if got := tickets.n - before; got != step.want {
					t.Errorf("%d tickets came with a transfer, want %d", got, step.want)
				}
			}
		})
	}
}

// readingUpload uploads, and reads to the end of the connection.
func readingUpload(g *gateway, c *ftpclient.Conn) error {
	_, secure := secureData(g, c, "STOR f")
	_, werr := secure.Write([]byte("12345"))
	cerr := secure.CloseWrite()
	_, rerr := io.Copy(io.Discard, secure)
	g.expect(c, 226)
	return errors.Join(werr, cerr, rerr)
}

// counted counts the tickets that come.
type counted struct {
	tls.ClientSessionCache
	n int
}

func (c *counted) Put(key string, s *tls.ClientSessionState) {
	c.n++
	c.ClientSessionCache.Put(key, s)
}
