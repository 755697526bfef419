package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// pipeListener accepts the one connection that was put into it.
type pipeListener struct {
	conns chan net.Conn
	ended chan struct{}
	close func()
}

func newPipeListener() *pipeListener {
	ended := make(chan struct{})
	return &pipeListener{conns: make(chan net.Conn, 1), ended: ended, close: sync.OnceFunc(func() { close(ended) })}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.close(); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// stubborn is a server whose session ignores its context and ends when it is released.
type stubborn struct {
	*pipeListener
	grace   time.Duration
	served  chan struct{}
	release chan struct{}
}

func (s *stubborn) Serve(ctx context.Context) error {
	log := slog.New(slog.DiscardHandler)
	reporter := observe.New(observe.Options{Log: log})
	defer reporter.Close()
	return listen.New(listen.Options{Log: log, Observe: reporter, Grace: s.grace}).Serve(ctx, s.pipeListener, listen.Protocol{
		Drain: func() {}, Serve: s.ignoreTheEnd,
	})
}

func (s *stubborn) Prepare(frontends.Config) (frontends.Next, error) { return frontends.Next{}, nil }

func (s *stubborn) ignoreTheEnd(context.Context, net.Conn, *listen.Login) {
	close(s.served)
	<-s.release
}

// closing is a store that records whether it was closed.
type closing struct {
	vfs.Backend
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return c.Backend.Close()
}

// A session that does not end after everything was aborted delays the process by lastBound,
// and the log shows where it hangs. Its store is not closed before it ends. If it ends
// within that time, the stop is orderly.
func TestSessionThatDoesNotEnd(t *testing.T) {
	const grace = time.Minute
	for name, test := range map[string]struct {
		lasts, want time.Duration // from the stop on
		err         error
	}{
		"for ever":   {0, grace + lastBound, errHangs},
		"for longer": {grace + lastBound - time.Second, grace + lastBound - time.Second, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var text bytes.Buffer // slog writes one line at a time
				server := &stubborn{newPipeListener(), grace, make(chan struct{}), make(chan struct{})}
				store := &closing{Backend: memory.New()}
				log := slog.New(slog.NewTextHandler(&text, nil))
				c := &config.Config{Transfers: config.Transfers{Memory: 16 << 20, Grace: grace}}
				first := generationOf([]*Backend{{Backend: store, Name: "memory.a", release: func() {}, generations: 1}})
				g := newGateway(newProcess(c.Transfers, log), c, first)
				g.servers.list = []*Server{{Server: server, Name: "ftp.a"}}
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- g.Serve(ctx) }()
				client, conn := net.Pipe()
				defer client.Close()
				server.conns <- conn
				<-server.served
				stop()
				start := time.Now()
				if test.lasts > 0 {
					time.AfterFunc(test.lasts, func() { close(server.release) })
				}
				if err := <-ended; !errors.Is(err, test.err) || (err != nil) != (test.err != nil) {
					t.Errorf("the end: %v, want %v", err, test.err)
				}
				if took := time.Since(start); took != test.want {
					t.Errorf("the end takes %v, want %v", took, test.want)
				}
				hangs := test.err != nil
				if strings.Contains(text.String(), "ignoreTheEnd") != hangs || store.closed == hangs {
					t.Errorf("the store is closed: %v, the log says:\n%s", store.closed, text.String())
				}
				if state := g.Health().State; (state == Hung) != hangs || (state == Stopped) == hangs {
					t.Errorf("the gateway is %v", state)
				}
				if test.lasts == 0 {
					close(server.release)
				}
			})
		})
	}
}

// For the time of drain_delay after the stop, clients are served, while the gateway is not
// ready.
func TestDrainDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 10 * time.Second
		server := &stubborn{newPipeListener(), time.Minute, make(chan struct{}), make(chan struct{})}
		log := slog.New(slog.DiscardHandler)
		c := &config.Config{Transfers: config.Transfers{Memory: 16 << 20, DrainDelay: delay, Grace: time.Minute}}
		g := newGateway(newProcess(c.Transfers, log), c, generationOf(nil))
		g.servers.list = []*Server{{Server: server, Name: "ftp.a"}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- g.Serve(ctx) }()
		synctest.Wait()
		if !g.Health().Ready() {
			t.Error("before the stop, the gateway is not ready")
		}
		stop()
		start := time.Now()
		time.Sleep(delay - time.Second)
		if h := g.Health(); h.Ready() || h.State != Draining {
			t.Errorf("after the stop, the gateway is %v", h.State)
		}
		client, conn := net.Pipe()
		defer client.Close()
		server.conns <- conn
		<-server.served
		close(server.release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != delay {
			t.Errorf("the end takes %v, want %v", took, delay)
		}
	})
}
