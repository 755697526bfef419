package sftp_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// A connection has one channel in any case, and more as far as there is memory.
func TestChannelsNeedMemory(t *testing.T) {
	log := &lines{}
	g := startGate(t, func(o *sftp.Options) {
		// A buffer that nobody uses any more is kept.
		o.Memory = frontendtest.ScarceMemory(t, memory.SessionSFTP+2*memory.ChannelSFTP+40<<10)
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	c, err := ssh.Dial("tcp", g.addr, clientConfig("any", ssh.Password("pw")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	open := func() (ssh.Channel, error) {
		channel, requests, err := c.OpenChannel("session", nil)
		if err == nil {
			go ssh.DiscardRequests(requests)
		}
		return channel, err
	}
	var channels []ssh.Channel
	for range 3 {
		channel, err := open()
		if err != nil {
			t.Fatal(err)
		}
		channels = append(channels, channel)
	}
	for range 3 {
		_, err := open()
		if refused, ok := errors.AsType[*ssh.OpenChannelError](err); !ok || refused.Reason != ssh.ResourceShortage {
			t.Errorf("one channel too many: %v, want a shortage", err)
		}
	}
	if found := log.about("channel refused"); len(found) != 1 || !strings.Contains(found[0], "setting=transfers.memory") {
		t.Errorf("the log says %q, want one line with the setting", found)
	}
	_ = channels[1].Close()
	for limit := time.Now().Add(patience.Limit()); ; {
		if _, err := open(); err == nil {
			break
		} else if time.Now().After(limit) {
			t.Fatalf("there is no memory when a channel has ended: %v", err)
		}
	}
}

// Connections beyond the bound end before a word; one that ends makes room.
func TestTooManySessions(t *testing.T) {
	for setting, bound := range map[string]func(*sftp.Options){
		"max_sessions":             func(o *sftp.Options) { o.MaxSessions = 2 },
		"max_sessions_per_address": func(o *sftp.Options) { o.MaxSessionsPerAddress = 2 },
		"transfers.memory":         func(o *sftp.Options) { o.Memory = frontendtest.ScarceMemory(t, 2*memory.SessionSFTP) },
	} {
		t.Run(setting, func(t *testing.T) {
			log, counted := &lines{}, metrics.New()
			g := startGate(t, func(o *sftp.Options) {
				bound(o)
				o.Observe.Metrics = counted
				o.Log = slog.New(slog.NewTextHandler(log, nil))
			})
			cfg := clientConfig("any", ssh.Password("pw"))
			var open []*ssh.Client
			for range 2 {
				c, err := ssh.Dial("tcp", g.addr, cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				open = append(open, c)
			}
			for range 10 {
				c, err := net.Dial("tcp", g.addr)
				if err != nil {
					t.Fatal(err)
				}
				_ = c.SetReadDeadline(time.Now().Add(patience.Limit()))
				if said, err := io.ReadAll(c); err != nil || len(said) > 0 {
					t.Errorf("one connection too many hears %q, %v, want the end", said, err)
				}
				_ = c.Close()
			}
			if served, refused := counted.Sum("tidegate_sessions_total"), counted.Sum("tidegate_sessions_refused_total"); served != 2 || refused != 10 {
				t.Errorf("%v sessions are counted and %v refused connections, want 2 and 10", served, refused)
			}
			if found := log.about("session refused"); len(found) != 1 || !strings.Contains(found[0], "setting="+setting) {
				t.Errorf("the log says %q, want one line with the setting", found)
			}
			_ = open[0].Close()
			// The server closes the connection a moment before it counts no more.
			for limit := time.Now().Add(patience.Limit()); ; {
				c, err := ssh.Dial("tcp", g.addr, cfg)
				if err == nil {
					_ = c.Close()
					break
				}
				if time.Now().After(limit) {
					t.Fatalf("there is no room when one has left: %v", err)
				}
			}
			g.stop()
			if found := log.about("more sessions refused"); len(found) != 1 || !strings.Contains(found[0], "count=") {
				t.Errorf("the log says at the end %q, want the number of those that were refused", found)
			}
			if found := log.about("msg=served"); len(found) != 1 || !strings.Contains(found[0], "sessions=3 logins=3") {
				t.Errorf("the log says at the end %q, want what was counted", found)
			}
		})
	}
}

// intro is a PROXY header for a client at 192.0.2.77.
func intro(t *testing.T, version byte) []byte {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(version,
		&net.TCPAddr{IP: net.IPv4(192, 0, 2, 77), Port: 1234}, &net.TCPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 22})
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dialFrom dials from an address of loopback and says something first.
func (g *gate) dialFrom(t *testing.T, from string, first []byte) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience.Limit()))
	if _, err := c.Write(first); err != nil {
		t.Fatal(err)
	}
	return c
}

// Behind a proxy the client's own address counts: in the log, for from= of keys,
// and for the number of its sessions.
func TestPROXY(t *testing.T) {
	for _, version := range []byte{1, 2} {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			log := &lines{}
			g := startGate(t, func(o *sftp.Options) {
				o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
				o.MaxSessionsPerAddress = 1
				o.Log = slog.New(slog.NewTextHandler(log, nil))
			})
			login := func(from string, first []byte) error {
				raw := g.dialFrom(t, from, first)
				c, channels, requests, err := ssh.NewClientConn(raw, "", clientConfig("fenced", ssh.PublicKeys(g.key)))
				if err == nil {
					go ssh.NewClient(c, channels, requests)
				}
				return err
			}
			if err := login("127.0.0.1", intro(t, version)); err != nil {
				t.Errorf("a key with from= is refused behind the proxy: %v", err)
			}
			if err := login("127.0.0.1", intro(t, version)); err == nil {
				t.Error("a second session of the client's address is served")
			}
			if err := login("127.0.0.9", nil); err == nil {
				t.Error("a key with from= lets in from elsewhere")
			}
			if err := login("127.0.0.9", intro(t, version)); err == nil {
				t.Error("a forged header lets in")
			}
			g.stop()
			if found := log.about("login succeeded"); len(found) != 1 || !strings.Contains(found[0], "remote_ip=192.0.2.77 remote_port=1234") {
				t.Errorf("the log says %q, want the client's address", found)
			}
		})
	}
}

// A proxy that says nothing of its client, and probes of load balancers, are no
// sessions. A connection that sends anything else gets a line in the log.
func TestProbes(t *testing.T) {
	log, counted := &lines{}, metrics.New()
	g := startGate(t, func(o *sftp.Options) {
		o.Observe.Metrics = counted
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	local, err := (&proxyproto.Header{Version: 2, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}).Format()
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string][]byte{"nothing": nil, "LOCAL": local, "no header": []byte("SSH-2.0-Test\r\n")} {
		c := g.dialFrom(t, "127.0.0.1", first)
		_ = c.(*net.TCPConn).CloseWrite()
		if said, _ := io.ReadAll(c); len(said) > 0 {
			t.Errorf("a proxy with %s hears %q", name, said)
		}
	}
	if served, refused := counted.Sum("tidegate_sessions_total"), counted.Sum("tidegate_sessions_refused_total"); served != 0 || refused != 1 {
		t.Errorf("%v sessions are counted and %v refused connections, want one that was refused", served, refused)
	}
	// A load balancer without PROXY just looks whether the port is open.
	c := g.dialFrom(t, "127.0.0.9", nil)
	_ = c.(*net.TCPConn).CloseWrite()
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("a probe ends with %v", err)
	}
	g.stop()
	if found := append(log.about("session refused"), log.about("before the login")...); len(found) != 1 ||
		!strings.Contains(found[0], "setting=proxy_protocol") {
		t.Errorf("the log says %q, want one line about the peer without a header", found)
	}
}
