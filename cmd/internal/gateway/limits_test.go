package gateway

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// New limits are in force for the sessions that are there, the counts stay, and sessions of
// all frontends count together.
func TestReloadLimits(t *testing.T) {
	r := startReloadable(t)
	old := r.dial(r.ftp)
	put := func(size int) int {
		t.Helper()
		return ftpclient.CodeOf(old.Put("f", strings.NewReader(strings.Repeat("x", size))))
	}
	if code := put(100); code != 0 {
		t.Fatalf("without limits: %d", code)
	}
	const user = "user \"u\" { password_hash = "
	if got := r.reload("", user, "user \"u\" {\n limits {\n sessions = 2\n upload_bytes = \"99B\"\n}\n password_hash = ", r.hash+`" }`, r.hash+"\"\n}"); got != "users +0 -0 ~1" {
		t.Errorf("changed: %s", got)
	}
	if code := put(100); code != 552 {
		t.Errorf("an upload beyond the new limit: %d, want 552", code)
	}
	second := r.sftpClient()
	defer second.Close()
	if s, err := second.NewSession(); err != nil {
		t.Errorf("the second session: %v", err)
	} else {
		defer s.Close()
	}
	c, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("u", "pw"); ftpclient.CodeOf(err) != 421 || !strings.Contains(err.Error(), "Too many sessions of this user, try again later") {
		t.Errorf("a third session over FTP: %v, want 421", err)
	}
	third := r.sftpClient()
	defer third.Close()
	if _, err := third.NewSession(); err == nil || !strings.Contains(err.Error(), "resource shortage") || !strings.Contains(err.Error(), "too many sessions of this user") {
		t.Errorf("a third session over SFTP: %v, want a shortage", err)
	}
	const mount = `mount "/"`
	if got := r.reload("", mount, "limits { sessions = 3 }\n"+mount); got != "tenants +0 -0 ~1, users +0 -0 ~1" {
		t.Errorf("changed: %s", got)
	}
	r.dial(r.ftp)
	if code := put(100); code != 0 {
		t.Errorf("without the limit again: %d", code)
	}
	if err := c.Login("u", "pw"); err == nil {
		t.Error("the session that was refused was not ended")
	}
}

// sftpClient logs in over SSH.
func (r *reloadable) sftpClient() *ssh.Client {
	r.Helper()
	c, err := ssh.Dial("tcp", r.sftp, &ssh.ClientConfig{
		User: "u", Auth: []ssh.AuthMethod{ssh.Password("pw")},
		HostKeyCallback: func(string, net.Addr, ssh.PublicKey) error { return nil },
	})
	if err != nil {
		r.Fatal(err)
	}
	return c
}
