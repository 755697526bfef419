package ftp_test

import (
	"io"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

func TestTypeAKeepsEveryByte(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "TYPE A", 200)
	g.put(c, "f", "a\r\nb\nc\r")
	g.want(c, "f", "a\r\nb\nc\r")
	g.say(c, "SIZE f", 213, "REST 3", 350)
	g.want(c, "f", "b\nc\r")
}

func TestTypeAConverts(t *testing.T) {
	t.Parallel()
	g := startFor(t, memory.New(), &tenant.User{Dialect: tenant.Dialect{ConvertASCII: true}}, nil)
	for name, o := range map[string]ftpclient.Options{"plain": {}, "TLS": {Security: ftpclient.Explicit}} {
		t.Run(name, func(t *testing.T) {
			c := g.login(o)
			g.put(c, "binary", "a\r\nb\n")
			g.want(c, "binary", "a\r\nb\n")
			text := strings.Repeat("line of text\n", 20000)
			network := strings.ReplaceAll(text, "\n", "\r\n")
			g.say(c, "TYPE A N", 200)
			g.put(c, "text", network)
			g.put(c, "empty", "")
			g.want(c, "text", network)
			g.want(c, "empty", "")
			g.want(c, "binary", "a\r\nb\r\n")
			if err := c.Append("text", strings.NewReader("end\r\n")); err != nil {
				t.Fatal(err)
			}
			if got := g.list(c, "NLST /"); len(got) != 3 {
				t.Errorf("NLST: %q", got)
			}
			g.say(c, "SIZE text", 550, "REST 5", 550, "REST 0", 350, "TYPE  I", 200)
			g.want(c, "text", text+"end\n")
			g.say(c, "SIZE text", 213, "TYPE A", 200, "TYPE L 8", 200, "SIZE text", 213, "TYPE L 7", 200, "SIZE text", 550)
			// A position of TYPE I is none in TYPE A.
			g.say(c, "TYPE I", 200, "REST 5", 350, "TYPE A", 200)
			if _, err := c.Transfer("RETR text", 0); ftpclient.CodeOf(err) != 550 {
				t.Errorf("RETR in TYPE A from a position: %v, want 550", err)
			}
			// An upload that breaks off is no file.
			tr := g.begin(c, "STOR text")
			if _, err := io.WriteString(tr, "half\r"); err != nil {
				t.Fatal(err)
			}
			if r, err := tr.Abort(ftpclient.AbortPlain); err != nil || r.Code != 426 {
				t.Errorf("ABOR: %v, %v", r, err)
			}
			g.say(c, "TYPE I", 200)
			g.want(c, "text", text+"end\n")
		})
	}
}
