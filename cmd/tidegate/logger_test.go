package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// No line controls a terminal, and the decoded JSON has the original text.
func TestLogIsPrintable(t *testing.T) {
	evil := "a\x00\x07\x1b[2J\r\x7f\u0080\u009b2J\u009f\u00ad\u061c\u200b\u200e\u202e\u2028\u2066\ufeff\U000e0001 äöü 日本 \"quoted\" \\u009b" + string(rune(0x10ffff))
	for name, l := range map[string]config.Log{"json": {JSON: true}, "text": {}} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			log := newLog(&b, l, "n").With("user", evil)
			log.Info(evil, "login", evil, evil, "value", "err", errors.New(evil), "invalid", "\xff\x9b")
			line := strings.TrimSuffix(b.String(), "\n")
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Errorf("%U stands in %q", r, line)
				}
			}
			if !l.JSON {
				return
			}
			var got struct{ Login, Err, User string }
			if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Login != evil || got.Err != evil || got.User != evil {
				t.Errorf("%v: %q", err, got)
			}
		})
	}
}

// Texts of clients and stores are cut.
func TestLogLinesAreBounded(t *testing.T) {
	long := strings.Repeat("ä\x01", 100_000)
	var b bytes.Buffer
	log := newLog(&b, config.Log{JSON: true}, "n")
	log.Info("m", "path", long, "err", errors.New(long), "group", slog.GroupValue(slog.String("x", long)))
	if b.Len() > 8*3*maxLogged || !strings.Contains(b.String(), "… (300000 bytes)") {
		t.Errorf("a line of %d bytes", b.Len())
	}
	b.Reset()
	log.Error("panic", "stack", long)
	if b.Len() < len(long) {
		t.Error("a stack is cut")
	}
}

// A flood of refused logins, with names as long as the protocol allows, makes one line for
// the first and one a minute.
func TestFloodOfRefusedLogins(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := sftp.EnsureHostKey(key); err != nil {
		t.Fatal(err)
	}
	i := start(t, "serve", serveConfig(t, `
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["`+key+`"]
		}`))
	addr := func(frontend string) string {
		return i.stderr.find(t, `"msg":"listening",.*"frontend":"`+frontend+`","addr":"([^"]*)"`)[1]
	}
	const tries = 5
	name := strings.Repeat("\x01", 30_000)
	for range tries {
		c, err := net.Dial("tcp", addr("ftp.public"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("USER " + name + "\r\nPASS x\r\n")); err != nil {
			t.Error(err)
		}
		var got bytes.Buffer
		for !strings.Contains(got.String(), "\n530 ") {
			if _, err := readSome(&got, c); err != nil {
				t.Fatalf("%v after %q", err, got.String())
			}
		}
		c.Close()
		if c, err := ssh.Dial("tcp", addr("sftp.public"), &ssh.ClientConfig{
			User: name, Auth: []ssh.AuthMethod{ssh.Password("x")},
			HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
		}); err == nil {
			c.Close()
			t.Error("it is let in")
		}
	}
	i.end()
	text, _, _ := i.stderr.now()
	for _, want := range []string{
		`"msg":"login refused"`,
		`"msg":"more logins refused"`, `"count":4`, `"network":"127.0.0.1/32"`, `"login_bytes":30000`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the log", want)
		}
	}
	if n := strings.Count(text, `"msg":"login refused"`); n != 2 {
		t.Errorf("%d lines for %d refused logins, want one for each protocol", n, 2*tries)
	}
	if len(text) > 60_000 {
		t.Errorf("the log has %d bytes", len(text))
	}
}

// readSome appends what one Read returns.
func readSome(b *bytes.Buffer, c net.Conn) (int, error) {
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	b.Write(buf[:n])
	return n, err
}
