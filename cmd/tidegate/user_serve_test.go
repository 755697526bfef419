package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// What tidegate user changes in a file, a running gateway applies by itself, over FTP and
// SFTP.
func TestUserCommandsAndServe(t *testing.T) {
	dir := t.TempDir()
	hostKey, file := filepath.Join(dir, "host.key"), filepath.Join(dir, "contoso.users")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	command := func(stdin string, args ...string) {
		t.Helper()
		if status, _, stderr := tidegate(t, stdin, append([]string{"user"}, args...)...); status != exitOK {
			t.Fatalf("tidegate user %q: %d, %s", args, status, stderr)
		}
	}
	command("first", "add", file, "camera")
	write(t, filepath.Join(dir, "tidegate.hcl"), `
		backend "memory" "a" {}
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		}
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["`+filepath.ToSlash(hostKey)+`"]
		}
		tenant "contoso" {
		  mount "/" { backend = backend.memory.a }
		  users_file = "contoso.users"
		}
		reload { interval = "1s" }
	`)
	i := start(t, "serve", dir)
	i.stderr.find(t, `"msg":"ready"`)
	text, _, _ := i.stderr.now()
	address := func(frontend string) string {
		t.Helper()
		m := regexp.MustCompile(`"msg":"listening",[^\n]*"frontend":"` + frontend + `","addr":"([^"]*)"`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no address of %s in:\n%s", frontend, text)
		}
		return m[1]
	}
	ftpAddr, sftpAddr := address("ftp.public"), address("sftp.public")
	want := func(password string, in bool) {
		t.Helper()
		c, err := ftpclient.Dial(t.Context(), ftpAddr, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Login("camera", password); (err == nil) != in || err != nil && ftpclient.CodeOf(err) != 530 {
			t.Errorf("a login over FTP with %q: %v, want in: %v", password, err, in)
		}
		s, err := ssh.Dial("tcp", sftpAddr, &ssh.ClientConfig{
			User: "camera", Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
		})
		if err == nil {
			_ = s.Close()
		}
		if (err == nil) != in {
			t.Errorf("a login over SFTP with %q: %v, want in: %v", password, err, in)
		}
	}
	want("first", true)
	for n, step := range []struct {
		stdin string
		args  []string
		in    string // the password that lets in, "" for none
	}{
		{"second", []string{"passwd", file, "camera"}, "second"},
		{"", []string{"disable", file, "camera"}, ""},
		{"", []string{"enable", file, "camera"}, "second"},
		{"third", []string{"add", file, "another"}, "second"},
		{"", []string{"rm", file, "camera"}, ""},
	} {
		command(step.stdin, step.args...)
		i.stderr.find(t, fmt.Sprintf(`(?s)("configuration reloaded"[^\n]*"files":\["[^"\n]*contoso.users"\].*){%d}`, n+1))
		want("first", false)
		want("second", step.in == "second")
	}
	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}
