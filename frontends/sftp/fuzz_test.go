package sftp

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/reorder"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// pipeChannel is a channel of SSH without SSH.
type pipeChannel struct {
	io.Reader
	io.Writer
	close func() error
}

func (c pipeChannel) Close() error                                   { return c.close() }
func (c pipeChannel) CloseWrite() error                              { return nil }
func (c pipeChannel) SendRequest(string, bool, []byte) (bool, error) { return false, nil }
func (c pipeChannel) Stderr() io.ReadWriter                          { return nil }

// pipeSession returns a session over a memory that holds /f and /d, whose
// client sends what is in it.
func pipeSession(t testing.TB, in io.Reader, out io.Writer) *session {
	t.Helper()
	store := memory.New()
	w, err := store.Create(t.Context(), vfs.MustParse("/f"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := store.Mkdir(t.Context(), vfs.MustParse("/d")); err != nil {
		t.Fatal(err)
	}
	return sessionOver(t, store, in, out)
}

// sessionOver returns a session over a store, whose client sends what is in it.
func sessionOver(t testing.TB, store vfs.Backend, in io.Reader, out io.Writer) *session {
	t.Helper()
	reporter := observe.New(observe.Options{Protocol: "sftp", Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { reporter.Close() })
	srv := &Server{o: Options{Log: slog.New(slog.DiscardHandler)}, observe: reporter, draining: make(chan struct{}), shared: newShared(fairshare.New(), 256<<20)}
	srv.o.setDefaults()
	srv.openLeases()
	srv.current.Store(&settings{Options: srv.o})
	return sessionOf(t, srv, "", store, in, out)
}

// sessionOf is sessionOver at a server, of a user of a tenant.
func sessionOf(t testing.TB, srv *Server, of string, store vfs.Backend, in io.Reader, out io.Writer) *session {
	t.Helper()
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	raw, other := net.Pipe()
	t.Cleanup(func() { _, _ = raw.Close(), other.Close() })
	client := srv.observe.NewSession(netip.AddrPort{})
	if of != "" {
		client.Login(sessions.User{Tenant: of, Name: "user"})
	}
	c := newConn(sessions.NewContext(t.Context(), client), srv, raw)
	c.view, c.account = view, &auth.Account{User: &tenant.User{View: view}}
	s := newSession(c, pipeChannel{in, out, func() error { return nil }})
	t.Cleanup(s.leave)
	return s
}

var _ ssh.Channel = pipeChannel{}

// FuzzSession lets a client send anything at all: every session ends, nothing of
// it stays open, and every request that was asked was answered.
func FuzzSession(f *testing.F) {
	request := func(kind wire.Type, body ...[]byte) []byte {
		p := wire.BeginRequest(kind, 1)
		for _, b := range body {
			p = append(p, b...)
		}
		return p.Framed()
	}
	text := func(s string) []byte { return wire.Packet{}.Text(s) }
	init := []byte{0, 0, 0, 5, 1, 0, 0, 0, 3}
	open := request(wire.TypeOpen, text("/f"), []byte{0, 0, 0, 26, 0, 0, 0, 0})
	zero := make([]byte, 8)
	f.Add(init)
	f.Add(append(append(append(init, open...), request(wire.TypeWrite, text("1"), zero, text("data"))...), request(4, text("1"))...))
	f.Add(append(open, request(5, text("1"), zero, []byte{0, 0, 255, 255})...))
	f.Add(append(open, request(wire.TypeFsetstat, text("1"), []byte{0x80, 0, 0, 0xf}, zero, zero, zero, zero)...))
	f.Add(append(request(wire.TypeOpendir, text("/")), request(12, text("1"))...))
	for _, name := range []string{
		"limits@openssh.com", "fsync@openssh.com", "wire.Lsetstat@openssh.com", "posix-rename@openssh.com",
		"statvfs@openssh.com", "hardlink@openssh.com", "copy-data", "",
	} {
		f.Add(request(wire.TypeExtended, text(name), text("/f"), text("/g")))
		f.Add(request(wire.TypeExtended, text(name)))
	}
	f.Add(append(append(open, request(wire.TypeOpen, text("/g"), []byte{0, 0, 0, 26, 0, 0, 0, 0})...),
		request(wire.TypeExtended, text("copy-data"), text("1"), zero, zero, text("2"), zero)...))
	for kind := range 22 {
		f.Add(request(wire.Type(kind), text("/f"), text("/g"), zero))
		f.Add([]byte{0, 0, 0, 1, byte(kind)})
	}
	f.Add([]byte{255, 255, 255, 255, 6})
	f.Fuzz(func(t *testing.T, sent []byte) {
		in, client := io.Pipe()
		s := pipeSession(t, in, io.Discard)
		go func() {
			_, _ = client.Write(sent)
			_ = client.Close()
		}()
		s.serve()
		_ = in.Close()
		s.conn.wg.Wait()
		if len(s.conn.activity.opened) != 0 || len(s.handles.byName) != 0 || len(s.handles.files) != 0 {
			t.Errorf("%d are open, %d of them named, %d files are left", len(s.conn.activity.opened), len(s.handles.byName), len(s.handles.files))
		}
		if s.conn.srv.readers.Held() != 0 || s.conn.srv.listings.Held() != 0 || s.conn.skips.left != connSkipped {
			t.Errorf("%d readers and %d listings are left, and %d bytes that were skipped", s.conn.srv.readers.Held(), s.conn.srv.listings.Held(), connSkipped-s.conn.skips.left)
		}
		if s.backlog.used != 0 {
			t.Errorf("%d bytes of requests are left", s.backlog.used)
		}
		for name, r := range map[string]*fairshare.Resource{
			"queued": s.conn.srv.queued, "looking": s.conn.srv.looking, "answers": s.conn.srv.answers, "copies": s.conn.srv.copies,
		} {
			if r.Held() != 0 {
				t.Errorf("%d are left of what all connections share: %s", r.Held(), name)
			}
		}
		if s.ordered.left != reorder.Window {
			t.Errorf("%d bytes of the window are left, want %d", s.ordered.left, reorder.Window)
		}
		if n := s.conn.client.Transfers(); n != 0 {
			t.Errorf("%d transfers are counted as running", n)
		}
		if s.conn.activity.inFlight != 0 {
			t.Errorf("%d requests are in flight, want none", s.conn.activity.inFlight)
		}
	})
}
