package ftp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

func TestCharset(t *testing.T) {
	t.Parallel()
	cp1252, err := charset.Parse("cp1252")
	if err != nil {
		t.Fatal(err)
	}
	b := memory.New()
	if err := b.Mkdir(t.Context(), vfs.MustParse("/日本")); err != nil {
		t.Fatal(err)
	}
	g := startFor(t, b, &tenant.User{Dialect: tenant.Dialect{Charset: cp1252}}, func(o *ftp.Options) { o.LoginMessage = "Grüße, 日本" })
	c := g.connect(ftpclient.Options{})
	utf8 := func() bool { return strings.Contains(g.ask(c, "FEAT", 211), " UTF8\n") }
	if !utf8() {
		t.Error("FEAT lacks UTF8 before the login")
	}
	g.say(c, "USER u", 331)
	if got := g.ask(c, "PASS p", 230); got != "Gr\xfc\xdfe, ??" {
		t.Errorf("login message: %q", got)
	}
	if utf8() {
		t.Error("FEAT has UTF8, which is off")
	}
	if got := g.ask(c, "MKD Gr\xfc\xdfe", 257); !strings.HasPrefix(got, "\"/Gr\xfc\xdfe\"") {
		t.Errorf("MKD: %q", got)
	}
	if _, err := b.Stat(t.Context(), vfs.MustParse("/Grüße"), vfs.TypeDir); err != nil {
		t.Errorf("the directory is not stored in UTF-8: %v", err)
	}
	g.say(c, "CWD Gr\xfc\xdfe", 250)
	if got := g.ask(c, "PWD", 257); !strings.Contains(got, "\"/Gr\xfc\xdfe\"") {
		t.Errorf("PWD: %q", got)
	}
	g.put(c, "\x80", "content")
	g.want(c, "\x80", "content")
	// What is not in the character set is left out, and never changed.
	for _, command := range []string{"NLST /", "MLSD /", "LIST /"} {
		got := strings.Join(g.list(c, command), "\n")
		if !strings.Contains(got, "Gr\xfc\xdfe") || strings.Contains(got, "?") || strings.Contains(got, "日") {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := g.ask(c, "STAT /", 212); !strings.Contains(got, "Gr\xfc\xdfe") || strings.Contains(got, "?") {
		t.Errorf("STAT: %q", got)
	}

	// A client that asks for UTF-8 gets it.
	if got := g.ask(c, "OPTS UTF8 OFF", 200); !strings.HasSuffix(got, "cp1252") {
		t.Errorf("OPTS UTF8 OFF: %q", got)
	}
	g.say(c, "OPTS UTF8 x", 501, "OPTS UTF8 ON", 200, "CWD /日本", 250, "CWD \xfc", 553, "OPTS UTF8 OFF", 200, "CWD \xfc", 550)
	// It went where the other character set has no name for.
	g.say(c, "PWD", 550, "CWD /", 250, "PWD", 257)
	g.say(c, "REIN", 220)
	if !utf8() {
		t.Error("FEAT lacks UTF8 after REIN")
	}
	g.say(c, "OPTS UTF8 ON", 200, "USER u", 331, "PASS p", 230, "CWD Grüße", 250)
	if !utf8() {
		t.Error("FEAT lacks UTF8 that was asked for before the login")
	}
}

func TestNamesThatDoNotConvert(t *testing.T) {
	t.Parallel()
	sjis, err := charset.Parse("shift_jis")
	if err != nil {
		t.Fatal(err)
	}
	b := memory.New()
	g := startFor(t, b, &tenant.User{Dialect: tenant.Dialect{Charset: sjis}}, nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD \x83\x5c", 257, "CWD \x83\x5c", 250, "MKD \x81", 553, "XYZZY \x81", 500, "CWD "+strings.Repeat("\x81", 4500), 500, "MKD a\x80b", 553)
	for _, line := range []string{"STOR \x81", "RETR \x81", "LIST \x81", "STOU \x81"} {
		if _, err := c.Transfer(line, 0); ftpclient.CodeOf(err) != 553 {
			t.Errorf("%q: %v, want 553", line, err)
		}
	}
	if _, err := b.Stat(t.Context(), vfs.MustParse("/ソ"), vfs.TypeDir); err != nil {
		t.Error(err)
	}
	g.put(c, "f", "x")
}

// Nothing that the server says by itself is beyond the user's character set.
func TestFixedTextsInAnyCharset(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"cp1251", "koi8-r", "shift_jis", "iso-8859-1"} {
		cs, err := charset.Parse(set)
		if err != nil {
			t.Fatal(err)
		}
		g := startFor(t, memory.New(), &tenant.User{Dialect: tenant.Dialect{Charset: cs}}, nil)
		c := g.login(ftpclient.Options{})
		help := g.ask(c, "HELP", 214)
		for _, verb := range strings.Fields(help) {
			if verb == strings.ToUpper(verb) {
				g.say(c, "HELP "+verb, 214)
			}
		}
		for i := range 1010 {
			g.say(c, fmt.Sprint("MKD d", i), 257)
		}
		g.say(c, "HELP SITE", 214, "SITE HELP", 214, "FEAT", 211, "STAT", 211, "STAT /", 212, "HELP COMB", 502)
	}
}
