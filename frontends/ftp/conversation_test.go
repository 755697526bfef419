package ftp_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
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

// gateway is a server with one user, "u" with the password "p", and one
// passive port.
type gateway struct {
	testing.TB
	addr string
	stop func() error
	tls  *tls.Config
}

func start(t *testing.T, b vfs.Backend, change func(*ftp.Options)) *gateway {
	t.Helper()
	return startFor(t, b, &tenant.User{}, change)
}

// startFor is start with more to say about the user.
func startFor(t testing.TB, b vfs.Backend, user *tenant.User, change func(*ftp.Options)) *gateway {
	t.Helper()
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	if user.View == nil {
		user.View = view
	}
	accounts, err := auth.New([]auth.Account{{Tenant: "t", Name: "u", PasswordHash: string(hash), User: user}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ftp.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	o := ftp.Options{
		Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, Auth: accounts,
		TLS: certificate, TLSMode: ftp.TLSOptional, LoginDelay: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&o)
	}
	s, err := ftp.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var served error
	wg.Go(func() { served = s.Serve(ctx) })
	g := &gateway{TB: t, addr: s.Addr().String(), tls: &tls.Config{InsecureSkipVerify: true}}
	g.stop = func() error {
		cancel()
		wg.Wait()
		return served
	}
	t.Cleanup(func() {
		if err := g.stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return g
}

// connect opens a session without a login.
func (g *gateway) connect(o ftpclient.Options) *ftpclient.Conn {
	g.Helper()
	o.TLS = g.tls
	c, err := ftpclient.Dial(g.Context(), g.addr, o)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(c.Close)
	return c
}

func (g *gateway) login(o ftpclient.Options) *ftpclient.Conn {
	g.Helper()
	c := g.connect(o)
	if err := c.Login("u", "p"); err != nil {
		g.Fatal(err)
	}
	return c
}

// say sends each line and checks the code of its answer: "NOOP", 200, …
func (g *gateway) say(c *ftpclient.Conn, script ...any) {
	g.Helper()
	for i := 0; i < len(script); i += 2 {
		line, code := script[i].(string), script[i+1].(int)
		got, err := c.Cmd(line)
		if err != nil {
			g.Fatalf("%s: %v", line, err)
		}
		if got.Code != code {
			g.Errorf("%s: %v, want %d", line, got, code)
		}
	}
}

func (g *gateway) expect(c *ftpclient.Conn, codes ...int) {
	g.Helper()
	for _, code := range codes {
		got, err := c.Receive()
		if err != nil {
			g.Fatalf("waiting for %d: %v", code, err)
		}
		if got.Code != code {
			g.Fatalf("got %v, want %d", got, code)
		}
	}
}

func (g *gateway) begin(c *ftpclient.Conn, command string) *ftpclient.Transfer {
	g.Helper()
	tr, err := c.Transfer(command, 0)
	if err != nil {
		g.Fatalf("%s: %v", command, err)
	}
	g.Cleanup(tr.Close)
	return tr
}

func TestBeforeTheLogin(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	g.say(c, "NOOP", 200, "FEAT", 211, "SYST", 215, "PWD", 530, "PASV", 530, "STOR x", 530, "ABOR", 530, "SITE HELP", 530,
		"XYZZY", 500, "USER", 501, "PROT P", 503, "PBSZ 0", 503)
}

func TestParameters(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c,
		"USER other", 503, "AUTH TLS", 503, "ACCT x", 202,
		"TYPE A", 200, "TYPE I", 200, "TYPE E", 504, "MODE s", 200, "MODE Z", 504, "STRU F", 200, "STRU R", 504,
		"OPTS UTF8 ON", 200, "OPTS UTF8 OFF", 504, "OPTS MLST type;size;", 200, "OPTS XYZZY", 501,
		"SITE CHMOD 644 x", 200, "SITE UTIME x", 501, "SITE HELP", 214, "SITE CHMOD 644", 501, "SITE MKDIR x", 504, "ALLO 5", 200, "ALLO 5 R 10", 200, "ALLO x", 501, "ALLO -1", 501, "ALLO 0", 200, "HELP", 214,
		"RMD", 501, "RMD  ", 501, "DELE", 501, "RNTO x", 503, "REST -1", 501, "REST x", 501, "REST 99999999999999999999", 501, "REST 0", 350,
		"CWD a\x00b", 501, "CWD a\x01b", 553, "CWD \xff\xff", 553, "MKD a\\b", 257,
		"EPSV 3", 522, "EPSV 2", 522, "EPSV 1", 229, "EPSV ALL", 200, "PASV", 503, "EPSV", 229, "PORT 1,2,3,4,5,6", 502,
		"CCC", 533, "ADAT x", 503, "MIC x", 537, "ENC x", 537, "CONF x", 537, "HOST x", 502, "LANG", 502, "AVBL", 502,
		"SMNT x", 502, "LPSV", 502, "XYZZY", 500, "RETR", 501,
	)
}

func TestTransferNeedsAPort(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "STOR x", 425, "LIST", 425, "RETR x", 425, "NOOP", 200)
}

func TestTLSRequired(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.TLSMode = ftp.TLSRequired })
	c := g.connect(ftpclient.Options{})
	g.say(c, "USER u", 530, "AUTH GSSAPI", 504)
	c = g.login(ftpclient.Options{Security: ftpclient.Explicit})
	g.say(c, "PROT C", 534, "PROT S", 536, "PROT X", 504, "PBSZ x", 501, "PBSZ 1024", 200, "AUTH TLS", 503, "CCC", 534)
	c = g.connect(ftpclient.Options{})
	if err := c.AuthTLS(); err != nil {
		t.Fatal(err)
	}
	if err := c.Login("u", "p"); err != nil {
		t.Fatal(err)
	}
	g.say(c, "EPSV", 229, "STOR x", 521, "PROT P", 503, "PBSZ 0", 200, "PROT P", 200)
}

func TestTLSOff(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.TLSMode, o.TLS = ftp.TLSOff, nil })
	c := g.connect(ftpclient.Options{})
	g.say(c, "AUTH TLS", 502)
	if r, err := c.Cmd("FEAT"); err != nil || strings.Contains(r.Text(), "AUTH") {
		t.Errorf("FEAT offers what is off: %v, %v", r, err)
	}
}

// Commands sent in clear behind AUTH TLS are never executed (CVE-2011-0411).
func TestNothingIsInjectedBehindAUTH(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	raw, err := net.Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	if err := raw.SetDeadline(time.Now().Add(patience.Limit())); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(raw, "AUTH TLS\r\nNOOP\r\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the greeting and the 234
		for b := make([]byte, 1); b[0] != '\n'; {
			if _, err := io.ReadFull(raw, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := tls.Client(raw, g.tls)
	if _, err := io.WriteString(c, "SYST\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 3)
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "215" {
		t.Errorf("the first answer inside TLS is %q, %v, want SYST's 215", answer, err)
	}
}

func TestOtherProtocolsAreSentAway(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	if err := c.SendRaw([]byte("POST / HTTP/1.1\r\n" + strings.Repeat("X-Header: USER u\r\n", 50))); err != nil {
		t.Fatal(err)
	}
	for {
		r, err := c.Receive()
		if err != nil {
			t.Fatalf("the session ended without a reply: %v", err)
		}
		if r.Code == 421 {
			return
		}
	}
}

func TestLongLine(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "CWD /"+strings.Repeat("x", 5000), 500, "NOOP", 200, "CWD /"+strings.Repeat("x", 3990), 550)
}

func TestAbort(t *testing.T) {
	t.Parallel()
	styles := append(ftpclient.UrgentAborts(), ftpclient.AbortPlain, ftpclient.AbortTelnet)
	for _, style := range styles {
		t.Run(style.String(), func(t *testing.T) {
			b := memory.New()
			g := start(t, b, nil)
			c := g.login(ftpclient.Options{})
			g.say(c, "ABOR", 226)
			tr := g.begin(c, "STOR f")
			if _, err := tr.Write([]byte("half")); err != nil {
				t.Fatal(err)
			}
			if reply, err := tr.Abort(style); err != nil || reply.Code != 426 {
				t.Fatalf("ABOR: %v, %v, want 426", reply, err)
			}
			g.say(c, "SIZE f", 550, "NOOP", 200)
		})
	}
}

// ABOR ends a transfer whose data connection never comes.
func TestAbortBeforeTheDataConnection(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "EPSV", 229, "STOR f", 150, "ABOR", 426)
	g.expect(c, 226)
	g.say(c, "NOOP", 200)
}

// While a transfer runs, NOOP and STAT are answered at once, everything else
// after it, in order.
func TestCommandsDuringATransfer(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "STOR f")
	if _, err := tr.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	g.say(c, "NOOP", 200, "STAT", 213, "NOOP", 200)
	for _, line := range []string{"SIZE f", "PWD"} {
		if err := c.Send(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	g.expect(c, 226, 213, 257)
}

// RFC 959, 4.1.1: QUIT waits for the transfer, also when the client closes the
// control connection right behind it.
func TestQuitWaitsForTheTransfer(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "STOR f")
	if err := c.Send("QUIT"); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Write([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	g.expect(c, 226, 221)
	if info, err := b.Stat(t.Context(), vfs.MustParse("/f"), vfs.TypeFile); err != nil || info.Size != 5 {
		t.Errorf("Stat = %+v, %v", info, err)
	}
}

// ABOR during the commit waits for the outcome and reports it.
func TestAbortDuringTheCommit(t *testing.T) {
	t.Parallel()
	b := &slowCommit{Backend: memory.New(), begun: make(chan struct{}), release: make(chan struct{})}
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "STOR f")
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	<-b.begun
	if err := c.Send("ABOR"); err != nil {
		t.Fatal(err)
	}
	// The answer to NOOP shows that ABOR was read before the commit ended.
	g.say(c, "NOOP", 200)
	close(b.release)
	g.expect(c, 226, 226)
	g.say(c, "SIZE f", 213)
}

// close_notify does not wait for the final reply of an upload.
func TestCloseNotifyComesBeforeTheCommit(t *testing.T) {
	t.Parallel()
	b := &slowCommit{Backend: memory.New(), begun: make(chan struct{}), release: make(chan struct{})}
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
	tr := g.begin(c, "STOR f")
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := tr.DataConn().Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v, want the end", n, err)
	}
	<-b.begun
	close(b.release)
	g.expect(c, 226)
}

// slowCommit is a store whose commit waits.
type slowCommit struct {
	vfs.Backend
	begun, release chan struct{}
}

func (b *slowCommit) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := b.Backend.Create(ctx, p, o)
	return &slowWriter{w, b}, err
}

type slowWriter struct {
	vfs.Writer
	b *slowCommit
}

func (w *slowWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	close(w.b.begun)
	<-w.b.release
	return w.Writer.Commit(ctx, o)
}

// A panic below costs the command, not the session and not the server.
func TestPanicCostsOneCommand(t *testing.T) {
	t.Parallel()
	g := start(t, panicky{memory.New()}, nil)
	c := g.login(ftpclient.Options{})
	other := g.login(ftpclient.Options{})
	g.say(c, "DELE x", 451, "NOOP", 200)
	if _, err := c.Transfer("RETR x", 0); ftpclient.CodeOf(err) != 451 {
		t.Errorf("RETR: %v, want 451", err)
	}
	g.say(c, "NOOP", 200)
	g.say(other, "NOOP", 200)
}

type panicky struct{ vfs.Backend }

func (panicky) Remove(context.Context, vfs.Path, vfs.Type) error { panic("planted") }
func (panicky) Open(context.Context, vfs.Path, vfs.OpenOptions) (vfs.Reader, error) {
	panic("planted")
}

// Refused transfers leave the one port usable, over TLS as well.
func TestRefusedTransfers(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ftpclient.Options{
		"plain": {}, "TLS": {Security: ftpclient.Explicit}, "TLS, handshake first": {Security: ftpclient.Explicit, HandshakeFirst: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, memory.New(), nil)
			c := g.login(o)
			for range 5 {
				if _, err := c.Transfer("RETR nothing", 0); ftpclient.CodeOf(err) != 550 {
					t.Fatalf("RETR: %v, want 550", err)
				}
				if err := c.Put("f", strings.NewReader("x")); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.IdleTimeout = patience.Scale(300 * time.Millisecond) })
	g.expect(g.connect(ftpclient.Options{}), 421)
	// A data connection on which the client moves nothing ends too, and the
	// upload is aborted; then the session is idle.
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "STOR f")
	if err := tr.Result(); ftpclient.CodeOf(err) != 426 {
		t.Errorf("a stalled upload ends with %v, want 426", err)
	}
	g.expect(c, 421)
}

// At the stop, idle sessions end at once and running transfers get their time.
func TestStopLetsTransfersEnd(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, func(o *ftp.Options) { o.Grace = time.Minute })
	idle, busy := g.login(ftpclient.Options{}), g.login(ftpclient.Options{})
	tr := g.begin(busy, "STOR f")
	stopped := make(chan error, 1)
	go func() { stopped <- g.stop() }()
	g.expect(idle, 421)
	if _, err := tr.Write([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	g.expect(busy, 226, 421)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// An ABOR is seen behind as many lines as are read during a transfer. What is behind
// more than those might be one, so nothing is committed.
func TestAbortBehindManyLines(t *testing.T) {
	t.Parallel()
	for _, lines := range []int{70, 700, 3000} {
		for _, end := range []string{"ABOR\r\n", "NOOP\r\n"} {
			b := memory.New()
			g := start(t, b, nil)
			c := g.login(ftpclient.Options{})
			g.put(c, "f", "old")
			tr := g.begin(c, "STOR f")
			if _, err := tr.Write([]byte("half")); err != nil {
				t.Fatal(err)
			}
			if err := c.SendRaw([]byte(strings.Repeat("PWD\r\n", lines) + end)); err != nil {
				t.Fatal(err)
			}
			if err := tr.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			want := "old"
			switch aborts := end[0] == 'A'; {
			case lines == 3000:
				g.expect(c, 426)
			case aborts:
				g.expect(c, 426, 226)
			default:
				want = "half"
				g.expect(c, 200, 226)
			}
			for range lines {
				g.expect(c, 257)
			}
			if lines == 3000 {
				g.expect(c, map[bool]int{true: 226, false: 200}[end[0] == 'A'])
			}
			g.want(c, "f", want)
		}
	}
}

// RFC 2228, 3: AUTH has the client identify itself again. What was sent in
// clear under its name does not count inside of TLS.
func TestUSERInClearIsForgottenAtAUTH(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	g.say(c, "USER u", 331)
	if err := c.AuthTLS(); err != nil {
		t.Fatal(err)
	}
	g.say(c, "PASS p", 530, "PWD", 530, "USER u", 331, "PASS p", 230, "PWD", 257)
}

// Only ASCII is folded: what a filter in front of the server would let pass as an
// unknown word is no command here either.
func TestOnlyASCIIFolds(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "ſTAT", 500, "LıST", 500, "noop", 200, "ſITE HELP", 500, "SITE CHMOD 644 f", 200, "SITE cHmod 644 f", 200, "TYPE ı", 504,
		"MODE ſ", 504, "PROT ſ", 503, "OPTS mlſt type;", 501, "OPTS HASH ſHA-256", 501, "OPTS hash sha-256", 200, "HELP ſtat", 502, "ALLO 5 r 1", 200)
}
