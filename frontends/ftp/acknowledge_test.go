package ftp_test

import (
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// withUsers makes users "u" and "v", both with the password "p", on the store
// b; the policy is u's.
func withUsers(t *testing.T, b vfs.Backend, policy tenant.UploadPolicy) func(*ftp.Options) {
	t.Helper()
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := auth.New([]auth.Account{
		{Tenant: "t", Name: "u", PasswordHash: string(hash), User: &tenant.User{View: view, Uploads: policy}},
		{Tenant: "t", Name: "v", PasswordHash: string(hash), User: &tenant.User{View: view}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *ftp.Options) { o.Auth = accounts }
}

// size returns the size of the file in the store, -1 when there is none.
func size(t *testing.T, b vfs.Backend, name string) int64 {
	t.Helper()
	info, err := b.Stat(t.Context(), vfs.MustParse("/"+name), vfs.TypeFile)
	if err != nil {
		return -1
	}
	return info.Size
}

func TestALLO(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy tenant.UploadPolicy
		script []any
		code   int
	}{
		"short":            {tenant.UploadPolicy{}, []any{"ALLO 6", 200}, 426},
		"as announced":     {tenant.UploadPolicy{}, []any{"ALLO 5", 200}, 226},
		"more":             {tenant.UploadPolicy{}, []any{"ALLO 4", 200}, 226},
		"short, a hint":    {tenant.UploadPolicy{IgnoreAllo: true}, []any{"ALLO 6", 200}, 226},
		"short in TYPE A":  {tenant.UploadPolicy{}, []any{"TYPE A", 200, "ALLO 6", 200}, 226},
		"short in TYPE I":  {tenant.UploadPolicy{}, []any{"TYPE A", 200, "TYPE I", 200, "ALLO 6", 200}, 426},
		"the last one won": {tenant.UploadPolicy{}, []any{"ALLO 6", 200, "ALLO 5", 200}, 226},
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			g := start(t, b, withUsers(t, b, tt.policy))
			c := g.login(ftpclient.Options{})
			g.say(c, tt.script...)
			tr := g.begin(c, "STOR f")
			if _, err := tr.Write([]byte("12345")); err != nil {
				t.Fatal(err)
			}
			if err := tr.Finish(); ftpclient.CodeOf(err) != tt.code && (err != nil || tt.code != 226) {
				t.Errorf("STOR: %v, want %d", err, tt.code)
			}
			want := map[int]int64{226: 5, 426: -1}[tt.code]
			if got := size(t, b, "f"); got != want {
				t.Errorf("size is %d, want %d", got, want)
			}
			// It counts for one upload only.
			if err := c.Put("g", strings.NewReader("")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestResumeOff(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, withUsers(t, b, tenant.UploadPolicy{RefuseResume: true}))
	c := g.login(ftpclient.Options{})
	if err := c.Put("f", strings.NewReader("12")); err != nil {
		t.Fatal(err)
	}
	if err := c.Resume("f", 2, strings.NewReader("34")); ftpclient.CodeOf(err) != 504 {
		t.Errorf("resume: %v, want 504", err)
	}
	if err := c.Put("f", strings.NewReader("567")); err != nil {
		t.Error(err)
	}
	if got := size(t, b, "f"); got != 3 {
		t.Errorf("size is %d, want 3", got)
	}
}

// The control connection is lost, then the data ends in order.
func TestControlLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy tenant.UploadPolicy
		want   int64
	}{
		"abort":  {tenant.UploadPolicy{}, -1},
		"commit": {tenant.UploadPolicy{CommitOnControlLost: true}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			with := withUsers(t, b, tt.policy)
			g := start(t, b, func(o *ftp.Options) { with(o); o.Grace = time.Minute })
			c := g.login(ftpclient.Options{})
			tr := g.begin(c, "STOR f")
			if _, err := tr.Write([]byte("12345")); err != nil {
				t.Fatal(err)
			}
			c.Close()
			_ = tr.CloseWrite()
			if err := g.stop(); err != nil { // waits for the session
				t.Fatal(err)
			}
			if got := size(t, b, "f"); got != tt.want {
				t.Errorf("size is %d, want %d", got, tt.want)
			}
		})
	}
}

// A TLS data connection that ends without close_notify may have been cut.
func TestCloseNotify(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy tenant.UploadPolicy
		code   int
	}{
		"forgiven": {tenant.UploadPolicy{}, 226},
		"required": {tenant.UploadPolicy{RequireCloseNotify: true}, 426},
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			with := withUsers(t, b, tt.policy)
			g := start(t, b, func(o *ftp.Options) { with(o); o.TruncatedDelay = time.Millisecond })
			c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
			truncate(t, g.begin(c, "STOR f"), "12345")
			g.expect(c, tt.code)
			// With close_notify the same upload is whole.
			if err := c.Put("g", strings.NewReader("12345")); err != nil {
				t.Error(err)
			}
		})
	}
}

// A client that is killed ends its data connection without close_notify, and its control
// connection some time later, when its machine is busy.
func TestControlLostLongAfterTruncation(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]int{"first upload": 0, "behind one with close_notify": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := memory.New()
			g := start(t, b, func(o *ftp.Options) { o.Grace, o.TruncatedDelay = time.Minute, time.Hour })
			c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
			for range before {
				if err := c.Put("before", strings.NewReader("1")); err != nil {
					t.Fatal(err)
				}
			}
			tr := g.begin(c, "STOR f")
			truncate(t, tr, "12345")
			// Each of these waits for as long as the upload did before it was suspect.
			other := g.login(ftpclient.Options{})
			for range 10 {
				if err := other.Put("g", strings.NewReader("1")); err != nil {
					t.Fatal(err)
				}
			}
			if err := other.Quit(); err != nil {
				t.Fatal(err)
			}
			c.Close()
			if err := g.stop(); err != nil { // waits for the session
				t.Fatal(err)
			}
			if got := size(t, b, "f"); got != -1 {
				t.Errorf("%d bytes of a client that died are stored", got)
			}
		})
	}
}

// truncate sends content, and the end of the data connection without close_notify.
func truncate(t *testing.T, tr *ftpclient.Transfer, content string) {
	t.Helper()
	if _, err := tr.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := ftpclient.NetConn(tr.DataConn()).(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

// sharing returns options for TLS with a cache of sessions.
func sharing(g *gateway) {
	// The name is the cache's key.
	g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(64)}
}

func TestReuseRequired(t *testing.T) {
	t.Parallel()
	b := memory.New()
	with := withUsers(t, b, tenant.UploadPolicy{})
	g := start(t, b, func(o *ftp.Options) { with(o); o.Reuse = ftp.ReuseRequire })
	c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
	tr, err := c.Transfer("STOR f", 0)
	if err == nil {
		err = tr.Finish()
	}
	if ftpclient.CodeOf(err) != 425 {
		t.Errorf("a data connection without resumption: %v, want 425", err)
	}
	sharing(g)
	c = g.login(ftpclient.Options{Security: ftpclient.Explicit})
	for range 3 {
		if err := c.Put("f", strings.NewReader("12345")); err != nil {
			t.Fatal(err)
		}
	}
	if got := size(t, b, "f"); got != 5 {
		t.Errorf("size is %d, want 5", got)
	}
}

// A data connection with another user's ticket is refused, one with a
// sibling's is taken: its client has one cache for all its sessions.
func TestForeignTickets(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, withUsers(t, b, tenant.UploadPolicy{}))
	sharing(g)
	o := ftpclient.Options{Security: ftpclient.Explicit}
	first := g.login(o)
	second := g.login(o) // its tickets replace the first one's in the cache
	if err := first.Put("f", strings.NewReader("12345")); err != nil {
		t.Errorf("with a sibling's ticket: %v", err)
	}
	other := g.connect(o)
	if err := other.Login("v", "p"); err != nil {
		t.Fatal(err)
	}
	tr, err := first.Transfer("STOR g", 0)
	if err == nil {
		_, _ = tr.Write([]byte("foreign"))
		err = tr.Finish()
	}
	if err == nil {
		t.Error("a data connection with another user's ticket is taken")
	}
	if got := size(t, b, "g"); got != -1 {
		t.Errorf("%d bytes came from another user's client", got)
	}
	other.Close()
	_ = second
}

// Data from another address never reaches the session.
func TestConnectionFromAnotherAddress(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	addr, err := c.ExtendedPassive()
	if err != nil {
		t.Fatal(err)
	}
	other, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}}).Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	_, _ = other.Write([]byte("poison"))
	if err := other.SetReadDeadline(time.Now().Add(patience.Limit())); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(make([]byte, 1)); err == nil {
		t.Error("a connection from another address is served")
	}
	g.say(c, "STOR f", 150)
	mine, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mine.Write([]byte("12345")); err != nil {
		t.Fatal(err)
	}
	_ = mine.Close()
	g.expect(c, 226)
	if got := size(t, b, "f"); got != 5 {
		t.Errorf("size is %d, want 5", got)
	}
}

// A client that leaves without a QUIT right after its 226 may have died before it had
// sent everything: that is counted, because nothing else shows it.
func TestControlLostAfterAcknowledgement(t *testing.T) {
	t.Parallel()
	sign := announced{slog.NewTextHandler(t.Output(), nil), "control connection was lost right after an upload, which may have been cut short", make(chan struct{}, 1)}
	g := start(t, memory.New(), func(o *ftp.Options) { o.Log = slog.New(sign) })
	orderly, lost := g.login(ftpclient.Options{}), g.login(ftpclient.Options{})
	for _, c := range []*ftpclient.Conn{orderly, lost} {
		if err := c.Put("f", strings.NewReader("1")); err != nil {
			t.Fatal(err)
		}
	}
	if err := orderly.Quit(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-sign.seen:
		t.Error("a session that ended with QUIT is counted")
	default:
	}
	lost.Close()
	<-sign.seen
}

// A client whose control connection is lost during the commit may have died just so, and
// is counted too.
func TestControlLostDuringTheCommit(t *testing.T) {
	t.Parallel()
	sign := announced{slog.NewTextHandler(t.Output(), nil), "control connection was lost right after an upload, which may have been cut short", make(chan struct{}, 1)}
	b := &slowCommit{Backend: memory.New(), begun: make(chan struct{}), release: make(chan struct{})}
	g := start(t, b, func(o *ftp.Options) { o.Log, o.Grace = slog.New(sign), time.Minute })
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "STOR f")
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	<-b.begun
	c.Close()
	close(b.release)
	<-sign.seen
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	if got := size(t, b, "f"); got != 0 {
		t.Errorf("size is %d, want 0", got)
	}
}
