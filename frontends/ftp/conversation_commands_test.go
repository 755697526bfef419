package ftp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/ftp"
	budget "github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// ask sends one line and returns the text of its answer.
func (g *gateway) ask(c *ftpclient.Conn, line string, code int) string {
	g.Helper()
	r, err := c.Do(line, code)
	if err != nil {
		g.Fatalf("%s: %v", line, err)
	}
	return r.Text()
}

func (g *gateway) put(c *ftpclient.Conn, name, content string) {
	g.Helper()
	if err := c.Put(name, strings.NewReader(content)); err != nil {
		g.Fatalf("STOR %s: %v", name, err)
	}
}

// want checks the content of a file.
func (g *gateway) want(c *ftpclient.Conn, name, content string) {
	g.Helper()
	var b strings.Builder
	if _, err := c.Get(name, 0, &b); err != nil || b.String() != content {
		g.Errorf("%s holds %q, %v, want %q", name, b.String(), err, content)
	}
}

// A path that can only name a directory is refused by every command that takes a
// file, in all forms of the command.
func TestOnlyDirectory(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD box", 257)
	g.put(c, "file", "content")
	for _, path := range []string{"box/", "file/", "box/.", "file/.", "box/..", "none/", "."} {
		for _, verb := range []string{"STOU", "STOR", "APPE"} {
			if _, err := c.Transfer(verb+" "+path, 0); ftpclient.CodeOf(err) != 553 {
				t.Errorf("%s %s: %v, want 553", verb, path, err)
			}
		}
		for _, command := range []string{"SIZE", "DELE", "HASH", "XCRC", "XMD5"} {
			g.say(c, command+" "+path, 550)
		}
		setTime := 550
		if path == "box/" || path == "box/." {
			setTime = 213 // a directory has a time
		}
		for _, command := range []string{"MFMT 20200101000000 %s", "MDTM 20200101000000 %s", "SITE UTIME 202001010000 %s", "SITE UTIME %s 20200101000000 20200101000000 20200101000000 UTC"} {
			g.say(c, fmt.Sprintf(command, path), setTime)
		}
		if _, err := c.Transfer("RETR "+path, 0); ftpclient.CodeOf(err) != 550 {
			t.Errorf("RETR %s: %v, want 550", path, err)
		}
		g.say(c, "RNFR file", 350)
		g.say(c, "RNTO "+path, 553)
	}
	g.say(c, "RNFR file/", 550)
	g.say(c, "MLST file/", 550)
	g.say(c, "RMD box/.", 553)
	g.say(c, "RNFR box/.", 350)
	g.say(c, "RNTO new", 553)
	g.say(c, "RNFR box/", 350)
	g.say(c, "RNTO new/", 250)
	g.say(c, "CDUP", 250)
	g.want(c, "file", "content")
}

// RFC 1123, 4.1.2.9: the 150 of STOU has the name.
func TestSTOU(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD dir", 257)
	names := map[string]bool{}
	for i, arg := range []string{"", "", " report.txt", " report.txt", " dir/x"} {
		tr, err := c.Transfer("STOU"+arg, 0)
		if err != nil {
			t.Fatalf("STOU%s: %v", arg, err)
		}
		name, ok := strings.CutPrefix(tr.Preliminary.Text(), "FILE: ")
		if !ok || names[name] {
			t.Fatalf("STOU%s: the answer is %q, want a new name", arg, tr.Preliminary)
		}
		names[name] = true
		content := strings.Repeat("x", i)
		if _, err := io.WriteString(tr, content); err != nil {
			t.Fatal(err)
		}
		if err := tr.Finish(); err != nil {
			t.Fatalf("STOU%s: %v", arg, err)
		}
		g.want(c, name, content)
		dir, extension := "", ""
		if strings.Contains(arg, "dir/") {
			dir = "dir/"
		}
		if strings.HasSuffix(arg, ".txt") {
			extension = ".txt"
		}
		if !strings.HasPrefix(name, dir) || !strings.HasSuffix(name, extension) {
			t.Errorf("STOU%s made %q", arg, name)
		}
	}
}

func TestREIN(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ftpclient.Options{"plain": {}, "TLS": {Security: ftpclient.Explicit}} {
		t.Run(name, func(t *testing.T) {
			g := start(t, memory.New(), nil)
			c := g.login(o)
			g.put(c, "f", "x")
			g.say(c, "MKD d", 257, "CWD d", 250, "TYPE A", 200, "OPTS HASH MD5", 200,
				"REIN", 220, "PWD", 530, "STOR x", 530, "NOOP", 200, "REIN", 220)
			if o.Security == ftpclient.Explicit {
				g.say(c, "AUTH TLS", 503, "PROT P", 503, "PBSZ 0", 200, "PROT P", 200)
			}
			g.say(c, "USER u", 331, "PASS p", 230, "SIZE f", 213)
			if got := g.ask(c, "PWD", 257); !strings.Contains(got, `"/"`) {
				t.Errorf("PWD after REIN: %s", got)
			}
			if got := g.ask(c, "OPTS HASH", 200); got != "SHA-256" {
				t.Errorf("OPTS HASH after REIN: %s", got)
			}
			g.put(c, "f", "y")
			g.want(c, "f", "y")
		})
	}
}

// Sessions beyond the bound get 421 and the end of the connection; one that
// ends makes room.
func TestTooManySessions(t *testing.T) {
	t.Parallel()
	for name, bound := range map[string]func(*ftp.Options){
		"in all":          func(o *ftp.Options) { o.MaxSessions = 2 },
		"of one address":  func(o *ftp.Options) { o.MaxSessionsPerAddress = 2 },
		"with other ones": func(o *ftp.Options) { o.MaxSessions, o.MaxSessionsPerAddress = 2, 100 },
		"of memory":       func(o *ftp.Options) { o.Memory = frontendtest.ScarceMemory(t, 2*budget.SessionFTP) },
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, memory.New(), bound)
			first := g.login(ftpclient.Options{})
			g.login(ftpclient.Options{})
			for range 2 {
				if _, err := ftpclient.Dial(t.Context(), g.addr, ftpclient.Options{}); ftpclient.CodeOf(err) != 421 {
					t.Fatalf("one session too many: %v, want 421", err)
				}
			}
			g.say(first, "QUIT", 221)
			// The server may close the connection a moment before the session is no
			// longer counted.
			for {
				c, err := ftpclient.Dial(t.Context(), g.addr, ftpclient.Options{})
				if err == nil {
					c.Close()
					break
				}
				if ftpclient.CodeOf(err) != 421 {
					t.Fatal(err)
				}
			}
		})
	}
}

// Connections without a login do not prevent the login of a client from another address.
// Silent ones do not prevent it from their own address either. Sessions that are logged in do
// not count among them.
func TestTooManyLogins(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.MaxLogins = 5 })
	for range 10 {
		g.login(ftpclient.Options{})
	}
	for range 20 {
		c, err := net.Dial("tcp", g.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		// Its greeting shows that it was admitted, 421 that it was not.
		if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	c := g.login(ftpclient.Options{})
	g.put(c, "f", "x")
}

func TestMessages(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.Banner, o.LoginMessage = "one\n220 two\n\nthree", "Welcome\nback" })
	c := g.connect(ftpclient.Options{})
	if got := c.Greeting().Text(); got != "one\n 220 two\n \nthree" {
		t.Errorf("greeting: %q", got)
	}
	g.say(c, "USER u", 331)
	if got := g.ask(c, "PASS p", 230); got != "Welcome\nback" {
		t.Errorf("login: %q", got)
	}
	g.say(c, "NOOP", 200)
}

// REIN does not reset the count of wrong passwords.
func TestREINKeepsCountOfPasswords(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	g.say(c, "USER u", 331, "PASS x", 530, "REIN", 220, "USER u", 331, "PASS x", 530, "REIN", 220, "USER u", 331, "PASS x", 530)
	if r, err := c.Receive(); err == nil {
		t.Errorf("after three wrong passwords the session continues: %v", r)
	}
}

func TestHELP(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	all := strings.Fields(g.ask(c, "HELP", 214))
	seen := map[string]bool{}
	for _, verb := range all {
		seen[verb] = true
	}
	for verb, refused := range ftp.Refused() {
		if seen[verb] == refused {
			t.Errorf("HELP names %s: %v, want %v", verb, seen[verb], !refused)
		}
		code := 214
		if refused {
			code = 502
		}
		g.say(c, "HELP "+verb, code)
	}
	g.say(c, "HELP XYZZY", 502)
	if got := g.ask(c, "help stor", 214); got != "Syntax: STOR path" {
		t.Errorf("HELP STOR: %q", got)
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD dir", 257, "CWD dir", 250)
	g.put(c, "a b", "hello world")
	g.put(c, "n 1 2", "x")
	g.put(c, "empty", "")
	for line, want := range map[string]string{
		"HASH a b":         "213 SHA-256 0-11 b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 a b",
		"HASH /dir/a b":    "213 SHA-256 0-11 b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 /dir/a b",
		"HASH empty":       "213 SHA-256 0-0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 empty",
		"XMD5 a b":         "250 5eb63bbbe01eeed093cb22bb8f5acdc3",
		`XMD5 "a b"`:       "250 5eb63bbbe01eeed093cb22bb8f5acdc3",
		`XMD5 "a b" 0 11`:  "250 5eb63bbbe01eeed093cb22bb8f5acdc3",
		`XMD5 "a b" 6`:     "250 7d793037a0760186574b0282f2f435e7",
		"XMD5 a b 0 5":     "250 5d41402abc4b2a76b9719d911017c592",
		"XMD5 a b 11":      "250 d41d8cd98f00b204e9800998ecf8427e",
		"XMD5 n 1 2":       "250 9dd4e461268c8034f5c8564e155c67a6",
		"XCRC a b":         "250 0d4a1185",
		"XSHA1 ../dir/a b": "250 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
		"XSHA256 empty":    "250 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"OPTS HASH":        "200 SHA-256",
		"OPTS HASH SHA-3":  "501 Algorithm not known, SHA-256 stays",
		"XSHA512 nothing":  "550 No such file or directory",
		"HASH /dir":        "550 Is a directory",
		`XMD5 "a b" 5 12`:  "554 Position does not fit the stored file",
		`XMD5 "a b" 12`:    "554 Position does not fit the stored file",
		`XMD5 "a b" 5 4`:   "501 XMD5 needs a path, and may have a start and an end",
		`XMD5 "a b`:        "501 XMD5 needs a path, and may have a start and an end",
		`XMD5 "a b" x`:     "501 XMD5 needs a path, and may have a start and an end",
		`XMD5 "a b" 1 2 3`: "501 XMD5 needs a path, and may have a start and an end",
	} {
		if got, err := c.Cmd(line); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v, want %s", line, got, err, want)
		}
	}
	g.say(c, "OPTS HASH SHA-1", 200)
	if got := g.ask(c, "HASH a b", 213); got != "SHA-1 0-11 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed a b" {
		t.Errorf("HASH after OPTS HASH SHA-1: %q", got)
	}
	if got := g.ask(c, "FEAT", 211); !strings.Contains(got, "HASH SHA-256;SHA-512;SHA-1*;MD5;CRC32;") {
		t.Errorf("FEAT: %s", got)
	}
}

// stuck is a store whose files never end until their context does.
type stuck struct {
	vfs.Backend
	open chan struct{}
}

func (b *stuck) Open(ctx context.Context, _ vfs.Path, _ vfs.OpenOptions) (vfs.Reader, error) {
	b.open <- struct{}{}
	return &stuckReader{ctx}, nil
}

type stuckReader struct{ ctx context.Context }

func (r *stuckReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}
func (r *stuckReader) Close() error   { return nil }
func (r *stuckReader) Info() vfs.Info { return vfs.Info{Type: vfs.TypeFile, Size: 1 << 40} }

// summed is a store that keeps an MD5 other than that of the content.
type summed struct{ vfs.Backend }

func (b summed) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	info, err := b.Backend.Stat(ctx, p, want)
	info.MD5 = strings.Repeat("\xab", 16)
	return info, err
}

// A sum that the store keeps is reported without reading the file: of the whole
// file only, and to those who may read it.
func TestStoredHash(t *testing.T) {
	t.Parallel()
	const stored = "abababababababababababababababab"
	b := summed{memory.New()}
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	g.put(c, "f", "hello world")
	g.say(c, "OPTS HASH MD5", 200)
	for line, want := range map[string]string{
		"XMD5 f": "250 " + stored, `XMD5 "f"`: "250 " + stored, "HASH f": "213 MD5 0-11 " + stored + " f",
		`XMD5 "f" 0 11`: "250 5eb63bbbe01eeed093cb22bb8f5acdc3", "XMD5 f 6": "250 7d793037a0760186574b0282f2f435e7",
		"XSHA1 f": "250 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", "XMD5 nothing": "550 No such file or directory", "XMD5 /": "550 Is a directory",
	} {
		if got, err := c.Cmd(line); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v, want %s", line, got, err, want)
		}
	}
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermList | vfs.PermWrite})
	if err != nil {
		t.Fatal(err)
	}
	g = startFor(t, b, &tenant.User{View: view}, nil)
	g.say(g.login(ftpclient.Options{}), "XMD5 f", 550)
}

// A hash ends with ABOR and with the session.
func TestHashCanBeAborted(t *testing.T) {
	t.Parallel()
	b := &stuck{memory.New(), make(chan struct{})}
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	for range 2 {
		if err := c.Send("HASH f"); err != nil {
			t.Fatal(err)
		}
		<-b.open
		if err := c.Send("NOOP"); err != nil {
			t.Fatal(err)
		}
		if err := c.Send("ABOR"); err != nil {
			t.Fatal(err)
		}
		g.expect(c, 426, 226, 200)
	}
	if err := c.Send("XMD5 f"); err != nil {
		t.Fatal(err)
	}
	<-b.open
	c.Close() // and the server stops at the end of the test, which waits for it
}

func TestTimes(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.put(c, "f", "x")
	g.put(c, "20010101000000 f", "y")
	want := func(name, want string) {
		t.Helper()
		if got := g.ask(c, "MDTM "+name, 213); got != want {
			t.Errorf("MDTM %s is %s, want %s", name, got, want)
		}
	}
	for _, line := range []string{
		"MDTM 20200102030405 f", "MDTM 20200102030405.678 f", "MFMT 20200102030405 f", "MFMT 20200102030405.678 f",
		"SITE UTIME 20200102030405 f", "site utime f 20190101000000 20200102030405 20190101000000 UTC",
		"SITE UTIME f\t20190101000000\t20200102030405\t20190101000000\tUTC", "SITE UTIME\t20200102030405\tf", "SITE UTIME  20200102030405 f",
		"SITE UTIME f  20190101000000 \t20200102030405  20190101000000 utc ", "MFMT 20200102030405\tf", "MDTM 20200102030405\tf",
		"MDTM 20200102040405+60 f", "MDTM 20200102040405+060\tf", "MDTM 20200102040405+0100 f", "MDTM 20200102030405+0 f", "MDTM 20200101220405-300 f",
		"MDTM 20200102083405.5+0530 f", "MDTM 20200102083405+330 f", "MDTM 20200102170405+840 f",
	} {
		g.say(c, "MFMT 19990101000000 f", 213, line, 213)
		want("f", "20200102030405")
	}
	g.put(c, "a b\u00a0c", "x")
	for i, line := range []string{
		"MDTM 2020010203040%d+0 a b\u00a0c", "MFMT 2020010203040%d a b\u00a0c", "SITE UTIME 2020010203040%d a b\u00a0c",
		"SITE UTIME a b\u00a0c 20190101000000 2020010203040%d 20190101000000 UTC",
	} {
		g.say(c, fmt.Sprintf(line, i), 213)
		want("a b\u00a0c", fmt.Sprint("2020010203040", i))
	}
	g.say(c, "SITE UTIME 202001020304 f", 213)
	want("f", "20200102030400")
	for _, zone := range []string{"+", "-", "+841", "-841", "+0160", "+00100", "+x", "+1.5", "++1", "+-1", "+1h"} {
		g.say(c, "MDTM 20200102030405"+zone+" f", 550)
	}
	g.say(c, "MDTM 99991231235959-1 f", 550, "MDTM 00010101000000+1 f", 550)
	// A file of this name is there: this asks about it.
	g.say(c, "MFMT 20100101000000 20010101000000 f", 213)
	want("20010101000000 f", "20100101000000")
	want("f", "20200102030400")
	g.say(c, "MDTM 20200102030405 nothing", 550, "MFMT 20201302030405 f", 501, "MFMT 20200102030405", 501, "MFMT 20200102030405 ", 501,
		"MFMT 20200102030405. f", 501, "MFMT 2020010203040 f", 501, "SITE UTIME f", 501, "MKD d", 257, "MDTM /", 213,
		"SITE UTIME f 1 2 3 UTC", 501)
	want("f", "20200102030400")
}

// The drafts before RFC 4217 have AUTH SSL protect the data too.
func TestAuthSSLProtectsData(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	g.say(c, "AUTH SSL", 234)
	if err := c.StartTLS(); err != nil {
		t.Fatal(err)
	}
	g.say(c, "USER u", 331, "PASS p", 230)
	if got := g.ask(c, "STAT", 211); !strings.Contains(got, "data connections protected") {
		t.Errorf("STAT: %s", got)
	}
	g.say(c, "PROT C", 200)
}
