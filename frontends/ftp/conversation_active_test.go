package ftp_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func active(o *ftp.Options) { o.Active = true }

func TestActiveMode(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ftpclient.Options{
		"PORT": {Data: ftpclient.PORT}, "EPRT": {Data: ftpclient.EPRT}, "urgent data": {Data: ftpclient.EPRT, Urgent: true},
		"PORT, TLS": {Data: ftpclient.PORT, Security: ftpclient.Explicit}, "EPRT, TLS": {Data: ftpclient.EPRT, Security: ftpclient.Explicit},
	} {
		t.Run(name, func(t *testing.T) {
			for _, reuse := range []ftp.ReuseMode{ftp.ReusePrefer, ftp.ReuseOff} {
				g := start(t, memory.New(), func(o *ftp.Options) { o.Active, o.Reuse = true, reuse })
				c := g.login(o)
				content := strings.Repeat("content ", 100000)
				g.put(c, "f", content)
				g.want(c, "f", content)
				g.put(c, "empty", "")
				g.want(c, "empty", "")
				if got := g.list(c, "NLST"); len(got) != 2 {
					t.Errorf("NLST: %q", got)
				}
				tr := g.begin(c, "STOR f")
				if _, err := io.WriteString(tr, "half"); err != nil {
					t.Fatal(err)
				}
				if r, err := tr.Abort(ftpclient.AbortPlain); err != nil || r.Code != 426 {
					t.Errorf("ABOR: %v, %v", r, err)
				}
				g.want(c, "f", content)
				if _, err := c.Transfer("RETR nothing", 0); ftpclient.CodeOf(err) != 550 {
					t.Errorf("RETR nothing: %v, want 550", err)
				}
			}
		})
	}
}

// The gateway connects only to its client, and not to services there (RFC
// 2577, 3).
func TestActiveModeIsNoBounce(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), active)
	c := g.login(ftpclient.Options{})
	g.say(c,
		"PORT 192,0,2,1,200,200", 504, "PORT 127,0,0,2,200,200", 504, "PORT 127,0,0,1,0,22", 504, "PORT 127,0,0,1,3,255", 504,
		"PORT 127,0,0,1,4,0", 200, "PORT 1,2,3,4,5", 501, "PORT 127,0,0,1,256,1", 501, "PORT x", 501, "PORT 127,0,0,1,4,-1", 501,
		"EPRT |1|192.0.2.1|51400|", 504, "EPRT |1|127.0.0.1|80|", 504, "EPRT |2|::1|51400|", 522, "EPRT |3|x|51400|", 501, "EPRT |1|127.0.0.1|66000|", 501,
		"EPRT |1|127.0.0.1|51400|", 200, "EPRT !1!127.0.0.1!51400!", 200, "EPRT |1|::1|51400|", 501, "EPRT |1|127.0.0.1|51400", 501, "EPRT |", 501,
		"EPRT |2|::ffff:127.0.0.1|51400|", 522,
	)
	if got := g.ask(c, "FEAT", 211); !strings.Contains(got, " EPRT\n") {
		t.Errorf("FEAT: %s", got)
	}
	g.say(c, "EPSV ALL", 200, "PORT 127,0,0,1,4,0", 503, "EPRT |1|127.0.0.1|51400|", 503)

	off := start(t, memory.New(), nil)
	c = off.login(ftpclient.Options{})
	off.say(c, "PORT 127,0,0,1,200,200", 502, "EPRT |1|127.0.0.1|51400|", 502, "EPRT |2|::1|51400|", 502, "RETR f", 425)
	if got := off.ask(c, "FEAT", 211); strings.Contains(got, "EPRT") {
		t.Errorf("FEAT: %s", got)
	}
}

// The last of PORT, EPRT, PASV and EPSV counts, and each is for one transfer.
func TestActiveOrPassive(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.Active, o.Passive.Quarantine = true, time.Millisecond })
	c := g.login(ftpclient.Options{})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port
	eprt := "EPRT |1|127.0.0.1|" + strings.TrimPrefix(l.Addr().String(), "127.0.0.1:") + "|"
	g.put(c, "f", "x") // a promise of the passive port goes through
	if port < 1024 {
		t.Fatal("the test's port is one of a service")
	}
	g.say(c, "EPSV", 229, eprt, 200, "STOR g", 150)
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if from := conn.RemoteAddr().(*net.TCPAddr).IP.String(); from != "127.0.0.1" {
		t.Errorf("the connection comes from %s", from)
	}
	if _, err := io.WriteString(conn, "active"); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	g.expect(c, 226)
	g.say(c, "SIZE g", 213, "RETR g", 425, eprt, 200, "XYZZY", 500)
	g.want(c, "g", "active")
	g.say(c, eprt, 200, "RETR nothing", 550, "RETR g", 425, eprt, 200, "REIN", 220, "USER u", 331, "PASS p", 230, "RETR g", 425)

	// Nothing listens there.
	_ = l.Close()
	g.say(c, eprt, 200, "RETR g", 150)
	g.expect(c, 425)
	g.want(c, "g", "active")
}

// An active data connection has the same deadlines.
func TestActiveIdle(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.Active, o.IdleTimeout = true, patience.Scale(300*time.Millisecond) })
	c := g.login(ftpclient.Options{Data: ftpclient.EPRT})
	tr := g.begin(c, "STOR f")
	if err := tr.Result(); ftpclient.CodeOf(err) != 426 {
		t.Errorf("a stalled upload ends with %v, want 426", err)
	}
}
