package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// No line controls a terminal, and the decoded JSON has the original text.
func TestLogIsPrintable(t *testing.T) {
	evil := "a\x00\x07\x1b[2J\r\x7f\u0080\u009b2J\u009f\u00ad\u061c\u200b\u200e\u202e\u2028\u2066\ufeff\U000e0001 äöü 日本 \"quoted\" \\u009b" + string(rune(0x10ffff))
	for name, l := range map[string]config.Log{"json": {Format: config.LogJSON}, "text": {Format: config.LogText}} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			log := newLog(&b, l, l.Level, "n").With("user", evil)
			log.Info(evil, "login", evil, evil, "value", "err", errors.New(evil), "invalid", "\xff\x9b")
			line := strings.TrimSuffix(b.String(), "\n")
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Errorf("%U stands in %q", r, line)
				}
			}
			if l.Format != config.LogJSON {
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
	log := newLog(&b, config.Log{Format: config.LogJSON}, slog.LevelInfo, "n")
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

// Durations are numbers of milliseconds, and errors are on one line.
func TestLogAttributes(t *testing.T) {
	var b bytes.Buffer
	log := newLog(&b, config.Log{}, slog.LevelInfo, "n")
	log.With("waited", 1500*time.Microsecond).Info("Some thing", "dur", 2*time.Second, "err", errors.Join(errors.New("one\r\ntwo"), errors.New("three")))
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "Some thing", "event": "some_thing", "node": "n", "waited_ms": 1.5, "dur_ms": 2000.0, "err": "one; two; three",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// In the journal of systemd each line begins with its priority, and what follows is the
// line as elsewhere.
func TestLogPriorities(t *testing.T) {
	var b bytes.Buffer
	w := &priorityWriter{w: &b}
	log := slog.New(prioritized{slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}), w}).With("a", 1).WithGroup("g")
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		log.Log(t.Context(), level, "m")
	}
	lines := strings.Split(b.String(), "\n")
	for i, want := range []string{"<7>time=", "<6>time=", "<4>time=", "<3>time="} {
		if !strings.HasPrefix(lines[i], want) || !strings.HasSuffix(lines[i], "msg=m a=1") {
			t.Errorf("line %q, want %s", lines[i], want)
		}
	}
	if isJournal(&b) {
		t.Error("a buffer is the journal")
	}
}

// A program that reads the log finds why the process does not start.
func TestStartProblemsAreInTheLog(t *testing.T) {
	dir := serveConfig(t, `log { format = "jsn" }`)
	status, _, stderr := tidegate(t, "", "serve", dir)
	if status != exitUsage {
		t.Errorf("exit status %d, want %d", status, exitUsage)
	}
	var events []string
	for line := range strings.Lines(stderr) {
		var entry struct{ Event, Node, At, Problem, Err string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Node == "" {
			t.Fatalf("%s: %v", line, err)
		}
		if entry.Event == "configuration_problem" && !strings.Contains(entry.At, "tidegate.hcl:") {
			t.Errorf("the line has no place: %s", line)
		}
		events = append(events, entry.Event)
	}
	if want := []string{"configuration_problem", "cannot_start"}; !slices.Equal(events, want) {
		t.Errorf("the log has %q, want %q", events, want)
	}
}

// The lines of the start show what runs, and what clients see of it.
func TestStartLines(t *testing.T) {
	cert, key := pemFiles(t, time.Now().AddDate(0, 2, 0))
	host := filepath.Join(t.TempDir(), "key")
	if err := sftp.EnsureHostKey(host); err != nil {
		t.Fatal(err)
	}
	i := start(t, "serve", serveConfig(t, `
		frontend "ftp" "secure" {
		  listen = "127.0.0.1:0"
		  tls {
		    mode      = "required"
		    cert_file = "`+cert+`"
		    key_file  = "`+key+`"
		  }
		  passive {
		    listen = "127.0.0.1:0"
		    host   = "198.51.100.7"
		    port   = 50000
		    network "10.0.0.0/8" { host = "10.1.2.3" }
		  }
		}
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["`+host+`"]
		}`))
	for _, want := range []string{
		`"msg":"starting",.*"version":"[^"]+","config":"[^"]+","config_hash":"[0-9a-f]{12}","pid":[0-9]+,"memory":"[^"]+","host_memory":"[^"]+","cores":[0-9]+`,
		`"msg":"listening",.*"frontend":"ftp.public","addr":"127[^"]+","passive":"[0-9]+","advertised":\["\*:[0-9]+"\],"tls":"off"}`,
		`"frontend":"ftp.secure","addr":"127[^"]+","passive":"[0-9]+","advertised":\["198.51.100.7:50000","10.0.0.0/8 10.1.2.3:50000"\],"tls":"required","cert_not_after":"20[^"]+Z","cert_sha256":\["([0-9A-F]{2}:){31}[0-9A-F]{2}"\]`,
		`"frontend":"sftp.public","addr":"127[^"]+","host_keys":\["ssh-ed25519 SHA256:[^"]+"\]`,
	} {
		i.stderr.find(t, want)
	}
	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}
