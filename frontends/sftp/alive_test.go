package sftp_test

import (
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

const (
	askEvery  = 30 * time.Second
	deadAfter = 2 * time.Minute
)

// asking are the options of a server that asks whether its clients are there.
func asking(idle time.Duration) func(*sftp.Options) {
	return func(o *sftp.Options) { o.KeepAlive, o.DeadAfter, o.IdleTimeout = askEvery, deadAfter, idle }
}

// A client that is connected, and does not answer to keep-alives, is ended long
// before it would be idle, and its upload is abandoned.
func TestClientThatDoesNotAnswer(t *testing.T) {
	store := memory.New()
	inBubble(t, store, asking(time.Hour), func(b *bubbled) {
		c, _ := b.login(b.dial())
		b.begin(c, "/f")
		start := time.Now()
		_ = c.Wait()
		if took := time.Since(start); took < deadAfter || took > deadAfter+2*askEvery {
			t.Errorf("it takes %v until a dead client is ended, want about %v", took, deadAfter)
		}
		b.wantEnd(store, `"client is dead"`)
	})
}

// swallower passes what a client sends, and what it gets, until swallow is set: then
// nothing passes any more, and both sides see an open connection, as behind a
// firewall that has forgotten it.
type swallower struct {
	net.Conn
	swallow atomic.Bool
}

func (s *swallower) Read(b []byte) (int, error) {
	for {
		n, err := s.Conn.Read(b)
		if err != nil || !s.swallow.Load() {
			return n, err
		}
	}
}

func (s *swallower) Write(b []byte) (int, error) {
	if s.swallow.Load() {
		return len(b), nil
	}
	return s.Conn.Write(b)
}

// A connection that is cut without a word ends within the bound, whether or not
// something was going on.
func TestCutConnection(t *testing.T) {
	for _, busy := range []bool{false, true} {
		t.Run(map[bool]string{false: "nothing open", true: "in an upload"}[busy], func(t *testing.T) {
			store := memory.New()
			inBubble(t, store, asking(time.Hour), func(b *bubbled) {
				raw := &swallower{Conn: b.dial()}
				c, requests := b.login(raw)
				var answering sync.WaitGroup
				answering.Go(func() { ssh.DiscardRequests(requests) })
				if busy {
					b.begin(c, "/f")
				}
				synctest.Wait()
				start := time.Now()
				raw.swallow.Store(true)
				_ = c.Wait() // the server ends its side
				if took := time.Since(start); took < deadAfter || took > deadAfter+2*askEvery {
					t.Errorf("it takes %v until a connection that was cut is ended, want about %v", took, deadAfter)
				}
				answering.Wait()
				b.wantEnd(store, `"client is dead"`)
			})
		})
	}
}

// A client that is silent because it waits for the store is not idle, however
// long that takes: here for several times the bound.
func TestWaitingForTheStoreIsNotIdle(t *testing.T) {
	const idle = time.Minute
	store := &slowStore{Backend: memory.New()}
	inBubble(t, store, asking(idle), func(b *bubbled) {
		store.commits, store.release = make(chan struct{}), make(chan struct{})
		c, requests := b.login(b.dial())
		var answering sync.WaitGroup
		answering.Go(func() { ssh.DiscardRequests(requests) })
		k, h := b.begin(c, "/slow")
		id, err := k.Request(wire.TypeClose, h)
		if err != nil {
			t.Fatal(err)
		}
		<-store.commits
		time.Sleep(10 * idle)
		close(store.release)
		p, err := k.Receive()
		if err != nil {
			t.Fatal("a client that waits for the store is ended: ", err)
		}
		if code, text := p.Status(); p.ID != id || code != codeOK {
			t.Errorf("CLOSE: %d %s", code, text)
		}
		_ = c.Close()
		answering.Wait()
		b.stop()
		if info, err := store.Stat(b.Context(), vfs.MustParse("/slow"), vfs.TypeFile); err != nil || info.Size != 3 {
			t.Errorf("%d bytes are stored, %v; want 3", info.Size, err)
		}
	})
}

// Keep-alives keep a connection from being cut, they do not use it: a client
// that sends nothing else is idle.
func TestKeepAlivesAreNoUse(t *testing.T) {
	const idle = 5 * time.Minute
	store := memory.New()
	inBubble(t, store, asking(idle), func(b *bubbled) {
		c, requests := b.login(b.dial())
		var answering sync.WaitGroup
		answering.Go(func() { ssh.DiscardRequests(requests) })
		if _, err := sftpclient.Open(c); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for {
			if _, _, err := c.SendRequest("keepalive@openssh.com", true, nil); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if took := time.Since(start); took < idle || took > idle+time.Minute {
			t.Errorf("a connection with keep-alives alone ends after %v, want %v", took, idle)
		}
		answering.Wait()
		b.wantEnd(store, "idle")
	})
}

// An upload whose client is silent for too long is abandoned, and the log says so.
func TestUploadOfIdleClient(t *testing.T) {
	store := memory.New()
	inBubble(t, store, asking(time.Minute), func(b *bubbled) {
		c, requests := b.login(b.dial())
		var answering sync.WaitGroup
		answering.Go(func() { ssh.DiscardRequests(requests) })
		b.begin(c, "/f")
		_ = c.Wait()
		answering.Wait()
		b.wantEnd(store, "idle")
		if found := b.log.about("upload aborted"); len(found) != 1 || !strings.Contains(found[0], "client was idle") {
			t.Errorf("the log says %q, want one line about an idle client", found)
		}
	})
}
