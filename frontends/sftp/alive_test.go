package sftp_test

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const askEvery = 20 * time.Millisecond

// deadAfter is longer than a client takes to answer.
func deadAfter() time.Duration { return patience.Scale(1500 * time.Millisecond) }

// bound is what everything in these tests takes at most. The default of IdleTimeout is
// far beyond.
func bound() time.Duration { return patience.Scale(20 * time.Second) }

// dialDeaf logs in over raw and serves nothing: keep-alives are taken and never
// answered.
func dialDeaf(t *testing.T, server *frontendtest.Server, raw net.Conn) (*ssh.Client, <-chan *ssh.Request) {
	t.Helper()
	l := server.Login()
	c, channels, requests, err := ssh.NewClientConn(raw, "", clientConfig(l.User, ssh.Password(l.Password)))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan *ssh.Request)
	close(served)
	return ssh.NewClient(c, channels, served), requests
}

// serveAsking starts a server that asks often whether its clients are there.
func serveAsking(t *testing.T, store vfs.Backend, idle time.Duration) (*frontendtest.Server, *lines) {
	t.Helper()
	log := &lines{}
	cfg := configWith(t, func(o *sftp.Options) {
		o.KeepAlive, o.DeadAfter, o.IdleTimeout = askEvery, deadAfter(), idle
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	return frontendtest.Serve(t, sftptest.Target(cfg)), log
}

// begin begins an upload of /f that is never closed.
func begin(t *testing.T, server *frontendtest.Server, c *ssh.Client) *talk {
	t.Helper()
	inner, err := sftpclient.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{T: t, Conn: inner, server: server, ssh: c}
	k.write(codeOK, k.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate), 0, "abc")
	return k
}

// A client that is connected, and does not answer to keep-alives, is ended long
// before it would be idle, and its upload is abandoned.
func TestClientThatDoesNotAnswer(t *testing.T) {
	server, log := serveAsking(t, memory.New(), 0)
	raw, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c, _ := dialDeaf(t, server, raw)
	begin(t, server, c)
	start := time.Now()
	_ = c.Wait()
	if took := time.Since(start); took > bound() {
		t.Errorf("it takes %v until a dead client is ended", took)
	}
	if commits := server.AwaitUploads(1); commits != 0 {
		t.Error("the upload of a dead client is committed")
	}
	server.Stop()
	if found := log.about("session ended"); len(found) != 1 || !strings.Contains(found[0], `reason="client is dead"`) {
		t.Errorf("the log says %q, want that the client is dead", found)
	}
}

// swallower passes a connection on until swallow is set: then nothing
// passes any more, and both sides see an open connection, as behind a firewall
// that has forgotten it.
type swallower struct {
	addr    string
	swallow atomic.Bool
	// ended is closed when the server has ended its side.
	ended chan struct{}
}

func newSwallower(t *testing.T, to string) *swallower {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &swallower{addr: l.Addr().String(), ended: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		client, err := l.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		server, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		defer server.Close()
		wg.Go(func() { s.pour(server, client) })
		s.pour(client, server)
		close(s.ended)
		_ = client.Close()
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return s
}

func (s *swallower) pour(to io.Writer, from io.Reader) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if !s.swallow.Load() {
			_, _ = to.Write(b[:n])
		}
	}
}

// A connection that is cut without a word ends within the bound, whether or not
// something was going on.
func TestCutConnection(t *testing.T) {
	for _, busy := range []bool{false, true} {
		t.Run(map[bool]string{false: "nothing open", true: "in an upload"}[busy], func(t *testing.T) {
			server, log := serveAsking(t, memory.New(), 0)
			between := newSwallower(t, server.Addr())
			raw, err := net.Dial("tcp", between.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			c, requests := dialDeaf(t, server, raw)
			go ssh.DiscardRequests(requests)
			if busy {
				begin(t, server, c)
			}
			between.swallow.Store(true)
			select {
			case <-between.ended:
			case <-time.After(bound()):
				t.Fatal("the server keeps a connection that was cut")
			}
			_ = c.Close()
			if busy && server.AwaitUploads(1) != 0 {
				t.Error("an upload whose connection was cut is committed")
			}
			server.Stop()
			if found := log.about("session ended"); len(found) != 1 || !strings.Contains(found[0], `reason="client is dead"`) {
				t.Errorf("the log says %q, want that the client is dead", found)
			}
		})
	}
}

// A client that is silent because it waits for the store is not idle, however
// long that takes: here for several times the bound.
func TestWaitingForTheStoreIsNotIdle(t *testing.T) {
	idle := patience.Scale(500 * time.Millisecond)
	store := &slowStore{Backend: memory.New(), commits: make(chan struct{}), release: make(chan struct{})}
	server, _ := serveAsking(t, store, idle)
	raw, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c, requests := dialDeaf(t, server, raw)
	inner, err := sftpclient.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{T: t, Conn: inner, server: server, ssh: c}
	h := k.open("/slow", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	k.write(codeOK, h, 0, "abc")
	id, err := k.Request(wire.TypeClose, h)
	if err != nil {
		t.Fatal(err)
	}
	<-store.commits
	for start := time.Now(); time.Since(start) < 3*idle; {
		req, ok := <-requests
		if !ok {
			t.Fatal("a client that waits for the store is ended")
		}
		_ = req.Reply(false, nil)
	}
	go ssh.DiscardRequests(requests)
	close(store.release)
	p, err := k.Receive()
	if err != nil {
		t.Fatal(err)
	}
	if code, text := p.Status(); p.ID != id || code != codeOK {
		t.Errorf("CLOSE: %d %s", code, text)
	}
	server.WantStored("/slow", []byte("abc"))
}

// Keep-alives keep a connection from being cut, they do not use it: a client
// that sends nothing else is idle.
func TestKeepAlivesAreNoUse(t *testing.T) {
	server, log := serveAsking(t, memory.New(), patience.Scale(500*time.Millisecond))
	raw, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c, requests := dialDeaf(t, server, raw)
	go ssh.DiscardRequests(requests)
	if _, err := sftpclient.Open(c); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; {
		if _, _, err := c.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			break
		}
		if time.Since(start) > bound() {
			t.Fatal("keep-alives keep a connection for ever")
		}
	}
	server.Stop()
	if found := log.about("session ended"); len(found) != 1 || !strings.Contains(found[0], "reason=idle") {
		t.Errorf("the log says %q, want that the client was idle", found)
	}
}
