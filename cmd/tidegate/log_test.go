package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// The same work writes the same lines over FTP and SFTP, with the same attributes, except
// those of one protocol.
func TestLogOfBothProtocols(t *testing.T) {
	// Warnings would be mixed with the lines of the log.
	_, ecdsa, rsa := hostKeyFiles(t)
	i := start(t, "serve", serveConfig(t, `
		log { level = "debug" }
		transfers { grace = "5s" }
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["`+ecdsa+`", "`+rsa+`"]
		}`))
	addr := func(frontend string) string {
		return i.stderr.find(t, `"msg":"listening",.*"frontend":"`+frontend+`","addr":"([^"]*)"`)[1]
	}
	workOverFTP(t, addr("ftp.public"))
	workOverSFTP(t, addr("sftp.public"))
	i.stderr.find(t, `(?s:("msg":"session ended".*){6})`) // three of each
	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d, want 0", status)
	}
	text, _, _ := i.stderr.now()
	ftp, ssh := shapes(t, text, "ftp.public"), shapes(t, text, "sftp.public")
	if d := cmp.Diff(ftp, ssh); d != "" {
		t.Errorf("-FTP +SFTP\n%s", d)
	}
	for _, want := range []string{"upload aborted", "served", "INFO operation finished rename"} {
		if !slices.ContainsFunc(ftp, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line is about %q:\n%s", want, strings.Join(ftp, "\n"))
		}
	}
}

// shapes returns the level, the message and the names of the attributes of every
// line of a frontend, each once. It omits lines of one protocol, and stat, which clients
// call as often as they like.
func shapes(t *testing.T, text, frontend string) []string {
	t.Helper()
	own := []string{
		"channel broke", "control connection broke",
		"last_command", "last_reply", "tls", "client", "kex", "cipher", "method", "key", "setting",
		"lost_after_upload", "reservations", "waited", "reservations_refused", "revoked", "strays", "suspects",
	}
	all := map[string]bool{}
	for line := range strings.Lines(text) {
		var attrs map[string]any
		if err := json.Unmarshal([]byte(line), &attrs); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for name := range attrs {
			if strings.Count(line, fmt.Sprintf(",%q:", name)) > 1 {
				t.Errorf("%q is twice in %s", name, line)
			}
		}
		msg := attrs["msg"].(string)
		if attrs["frontend"] != frontend || msg == "listening" || attrs["op"] == "stat" || slices.Contains(own, msg) {
			continue
		}
		shape := attrs["level"].(string) + " " + msg
		for _, what := range []string{"op", "reason"} {
			if value, ok := attrs[what]; ok && msg != "upload aborted" {
				shape += " " + value.(string)
			}
		}
		for _, name := range own {
			delete(attrs, name)
		}
		all[shape+": "+strings.Join(slices.Sorted(maps.Keys(attrs)), " ")] = true
	}
	return slices.Sorted(maps.Keys(all))
}

const wrongPassword = "wrong"

// workOverFTP tries a wrong password, runs some operations, and drops a connection during
// an upload.
func workOverFTP(t *testing.T, addr string) {
	login := func(password string) (*ftpclient.Conn, error) {
		c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c, c.Login("upload", password)
	}
	bad, err := login(wrongPassword)
	if err == nil {
		t.Error("a wrong password lets in")
	}
	bad.Close()
	c, err := login("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	_, errMkdir := c.Mkdir("/dir")
	errPut := c.Put("a", strings.NewReader("content"))
	_, errGet := c.Get("a", 0, io.Discard)
	_, errList := c.MLSD("")
	if err := errors.Join(errMkdir, errPut, errGet, errList, c.Rename("a", "b"), c.Delete("b"), c.Rmdir("/dir")); err != nil {
		t.Error(err)
	}
	if err := c.Delete("b"); err == nil {
		t.Error("what is not there is removed")
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	if c, err = login("correct horse"); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR /c", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upload.Write([]byte("cont")); err != nil {
		t.Error(err)
	}
	c.Close()
}

// workOverSFTP does the same.
func workOverSFTP(t *testing.T, addr string) {
	login := func(password string) (*sftplib.Client, *ssh.Client, error) {
		c, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
			User: "upload", Auth: []ssh.AuthMethod{ssh.Password(password)},
			HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
		})
		if err != nil {
			return nil, nil, err
		}
		t.Cleanup(func() { _ = c.Close() })
		s, err := sftplib.NewClient(c)
		return s, c, err
	}
	if _, _, err := login(wrongPassword); err == nil {
		t.Error("a wrong password lets in")
	}
	c, conn, err := login("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	errMkdir := c.Mkdir("/dir")
	f, err := c.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	_, errPut := f.Write([]byte("content"))
	errClose := f.Close()
	f, err = c.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	_, errGet := io.Copy(io.Discard, f)
	errClosed := f.Close()
	_, errList := c.ReadDir(".")
	err = errors.Join(errMkdir, errPut, errClose, errGet, errClosed, errList,
		c.Rename("a", "b"), c.Remove("b"), c.RemoveDirectory("/dir"))
	if err != nil {
		t.Error(err)
	}
	if err := c.Remove("b"); err == nil {
		t.Error("what is not there is removed")
	}
	_ = conn.Close()
	if c, conn, err = login("correct horse"); err != nil {
		t.Fatal(err)
	}
	if f, err = c.Create("/c"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("cont")); err != nil {
		t.Error(err)
	}
	_ = conn.Close()
}

// The dialogue of a traced user is in the log over both protocols, from the login on, without
// the password. The end of each session says what it has done.
func TestTrace(t *testing.T) {
	_, ecdsa, rsa := hostKeyFiles(t)
	i := start(t, "serve", serveConfig(t, `
		log { trace = ["contoso/UPLOAD"] }
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["`+ecdsa+`", "`+rsa+`"]
		}`))
	addr := func(frontend string) string {
		return i.stderr.find(t, `"msg":"listening",.*"frontend":"`+frontend+`","addr":"([^"]*)"`)[1]
	}
	workOverFTP(t, addr("ftp.public"))
	workOverSFTP(t, addr("sftp.public"))
	i.stderr.find(t, `(?s:("msg":"session ended".*"user":"upload".*){4})`)
	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d, want 0", status)
	}
	text, _, _ := i.stderr.now()
	type traced struct{ Event, Proto, Tenant, User, Direction, Text string }
	var got []traced
	for line := range strings.Lines(text) {
		var one traced
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if one.Event == "trace" {
			got = append(got, one)
		}
	}
	for _, want := range []traced{
		{"trace", "ftp", "contoso", "upload", "received", "MKD /dir"},
		{"trace", "ftp", "contoso", "upload", "sent", `257 "/dir" created`},
		{"trace", "ftp", "contoso", "upload", "received", "QUIT"},
		{"trace", "sftp", "contoso", "upload", "received", `MKDIR `},
		{"trace", "sftp", "contoso", "upload", "sent", `STATUS `},
		{"trace", "sftp", "contoso", "upload", "received", `WRITE `},
	} {
		if !slices.ContainsFunc(got, func(one traced) bool {
			one.Text = one.Text[:min(len(one.Text), len(want.Text))]
			return one == want
		}) {
			t.Errorf("the trace lacks %+v", want)
		}
	}
	if strings.Contains(text, "correct horse") || strings.Contains(text, "PASS "+wrongPassword) {
		t.Error("the log has a password")
	}
	if want := `"reason":"client left","commands":16,"files_in":1,"bytes_in":7,"files_out":1,"bytes_out":7,"last_command":"DELE b","last_reply":"550 No such file or directory"`; !strings.Contains(text, want) {
		t.Errorf("no session ends with %s:\n%s", want, text)
	}
}
