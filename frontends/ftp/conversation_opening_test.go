package ftp_test

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// opening begins a transfer, ends it, and returns the text of its 150.
func (g *gateway) opening(c *ftpclient.Conn, command string) string {
	g.Helper()
	tr := g.begin(c, command)
	if strings.HasPrefix(command, "RETR") {
		switch _, err := tr.Retrieve().Read(make([]byte, 100)); {
		case err == io.EOF:
			return tr.Preliminary.Text() // nothing was left, and the final reply was read
		case err != nil:
			g.Fatal(err)
		}
	}
	_ = tr.Finish()
	return tr.Preliminary.Text()
}

// Clients take the length of a download from the 150, each in its own way.
func TestOpeningTellsTheLength(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ftpclient.Options{"plain": {}, "TLS": {Security: ftpclient.Explicit}} {
		t.Run(name, func(t *testing.T) {
			g := start(t, memory.New(), nil)
			c := g.login(o)
			g.say(c, "MKD d", 257)
			for _, file := range []string{"a b.txt", "d/é", "x (5 bytes).", "x(", "for you (", "9 bytes"} {
				g.put(c, file, "12345678")
			}
			g.put(c, "empty", "")
			for command, want := range map[string]string{
				"RETR a b.txt":      "Opening BINARY mode data connection for a b.txt (8 bytes).",
				"RETR d/é":          "Opening BINARY mode data connection for d/é (8 bytes).",
				"RETR empty":        "Opening BINARY mode data connection for empty (0 bytes).",
				"RETR x (5 bytes).": "Opening BINARY mode data connection (8 bytes).",
				"RETR x(":           "Opening BINARY mode data connection (8 bytes).",
				"RETR for you (":    "Opening BINARY mode data connection (8 bytes).",
				"STOR new":          "Opening BINARY mode data connection for new.",
				"APPE new":          "Opening BINARY mode data connection for new.",
				"STOR y (5 bytes).": "Opening BINARY mode data connection.",
				"LIST":              "Opening ASCII mode data connection for file list.",
				"MLSD d":            "Opening ASCII mode data connection for file list.",
			} {
				if got := g.opening(c, command); got != want {
					t.Errorf("%s: %q, want %q", command, got, want)
				}
			}
			g.say(c, "REST 3", 350)
			if got := g.opening(c, "RETR a b.txt"); !strings.HasSuffix(got, " (5 bytes).") {
				t.Errorf("RETR after REST 3: %q, want the 5 bytes that remain", got)
			}
			g.say(c, "REST 8", 350)
			if got := g.opening(c, "RETR a b.txt"); !strings.HasSuffix(got, " (0 bytes).") {
				t.Errorf("RETR at the end: %q", got)
			}
			if got := g.opening(c, "RETR a b.txt"); !strings.HasSuffix(got, " (8 bytes).") {
				t.Errorf("RETR after that: %q", got)
			}
			g.say(c, "TYPE A", 200)
			if got := g.opening(c, "RETR a b.txt"); got != "Opening ASCII mode data connection for a b.txt (8 bytes)." {
				t.Errorf("RETR in TYPE A, which changes nothing: %q", got)
			}
		})
	}
	t.Run("converted", func(t *testing.T) {
		g := startFor(t, memory.New(), &tenant.User{Dialect: tenant.Dialect{ConvertASCII: true}}, nil)
		c := g.login(ftpclient.Options{})
		g.put(c, "f", "1\n2\n")
		g.say(c, "TYPE A", 200)
		if got := g.opening(c, "RETR f"); got != "Opening ASCII mode data connection for f." {
			t.Errorf("RETR: %q, want no length, which is unknown", got)
		}
	})
	t.Run("STOU", func(t *testing.T) {
		g := start(t, memory.New(), nil)
		if got := g.opening(g.login(ftpclient.Options{}), "STOU f"); !regexp.MustCompile(`^FILE: f-\w+$`).MatchString(got) {
			t.Errorf("STOU: %q", got)
		}
	})
}
