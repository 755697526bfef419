package sftp_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// pipes is a listener of connections in memory, which a bubble can wait
// for.
type pipes struct {
	accepted chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// bubbled is a server in a bubble of testing/synctest.
type bubbled struct {
	*testing.T
	pipes *pipes
	key   ssh.Signer
	log   *lines
	stop  func()
}

// inBubble calls do with a server over a store, in a bubble: its clock stands while
// anything works.
func inBubble(t *testing.T, store vfs.Backend, change func(*sftp.Options), do func(b *bubbled)) {
	t.Helper()
	host := newHostKey(t)
	synctest.Test(t, func(t *testing.T) {
		b := &bubbled{T: t, key: newSigner(t), log: &lines{}, pipes: &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}}
		keys, err := auth.ParseKeys(string(ssh.MarshalAuthorizedKey(b.key.PublicKey())))
		if err != nil {
			t.Fatal(err)
		}
		view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store}}, Allow: vfs.PermAll})
		if err != nil {
			t.Fatal(err)
		}
		authenticator, err := auth.New([]auth.Account{{Tenant: "t", Name: "user", Keys: keys, Factors: auth.KeyOnly, User: &tenant.User{View: view}}})
		if err != nil {
			t.Fatal(err)
		}
		o := sftp.Options{
			Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{host}, Auth: authenticator,
			Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		}
		change(&o)
		server, err := sftp.New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		server.Over(b.pipes)
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx) }()
		b.stop = sync.OnceFunc(func() {
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
		defer b.stop()
		do(b)
	})
}

// dial connects, without a word.
func (b *bubbled) dial() net.Conn {
	client, server := net.Pipe()
	b.pipes.accepted <- server
	s := &sender{Conn: client, queue: make(chan []byte, 64), closed: make(chan struct{})}
	go s.send()
	return s
}

// sender is a connection whose Write does not wait for the other side, as both sides
// of SSH begin with a line.
type sender struct {
	net.Conn
	queue  chan []byte
	once   sync.Once
	closed chan struct{}
}

func (s *sender) Write(b []byte) (int, error) {
	select {
	case s.queue <- bytes.Clone(b):
		return len(b), nil
	case <-s.closed:
		return 0, net.ErrClosed
	}
}

func (s *sender) send() {
	for {
		select {
		case b := <-s.queue:
			if _, err := s.Conn.Write(b); err != nil {
				_ = s.Close()
				return
			}
		case <-s.closed:
			return
		}
	}
}

func (s *sender) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

// login logs in over raw and serves nothing: keep-alives are taken and never answered.
func (b *bubbled) login(raw net.Conn) (*ssh.Client, <-chan *ssh.Request) {
	b.Helper()
	c, channels, requests, err := ssh.NewClientConn(raw, "", clientConfig("user", ssh.PublicKeys(b.key)))
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan *ssh.Request)
	close(served)
	return ssh.NewClient(c, channels, served), requests
}

// begin begins an upload of a file that is never closed.
func (b *bubbled) begin(c *ssh.Client, name string) (k *talk, handle []byte) {
	b.Helper()
	inner, err := sftpclient.Open(c)
	if err != nil {
		b.Fatal(err)
	}
	k = &talk{T: b.T, Conn: inner, ssh: c}
	handle = k.open(name, wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	k.write(codeOK, handle, 0, "abc")
	return k, handle
}

// wantEnd wants one session to have ended for a reason, and the upload of /f not to
// be stored.
func (b *bubbled) wantEnd(store vfs.Backend, reason string) {
	b.Helper()
	b.stop()
	if found := b.log.about("session ended"); len(found) != 1 || !strings.Contains(found[0], "reason="+reason) {
		b.Errorf("the log says %q, want an end with the reason %s", found, reason)
	}
	if _, err := store.Stat(b.Context(), vfs.MustParse("/f"), vfs.TypeFile); vfs.KindOf(err) != vfs.KindNotExist {
		b.Errorf("STAT of the file at the end: %v, want that there is none", err)
	}
}
