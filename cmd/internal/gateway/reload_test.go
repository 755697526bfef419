package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// reloadable is a gateway on ports that stay the same, whose files the test changes.
type reloadable struct {
	*testing.T
	*Gateway
	dir       string
	ftp, sftp string // addresses
	passive   string
	hash      string
}

func startReloadable(t *testing.T) *reloadable {
	leak.Check(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	r := &reloadable{T: t, dir: t.TempDir(), ftp: freeport.Addr(t).String(), sftp: freeport.Addr(t).String(), passive: freeport.Addr(t).String(), hash: string(hash)}
	r.newCertificate()
	r.newHostKey()
	if r.Gateway, err = Open(t.Context(), r.load(""), slog.New(slog.NewTextHandler(t.Output(), nil)), nil); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *reloadable) newCertificate() { newCertificate(r.T, filepath.Join(r.dir, "tls.pem")) }

// newCertificate writes a new certificate and its key to file, and returns it in DER.
func newCertificate(t *testing.T, file string) []byte {
	t.Helper()
	c, err := ftp.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	der := c.Certificates[0].Certificate[0]
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return der
}

func (r *reloadable) newHostKey() {
	file := filepath.Join(r.dir, "host.key")
	_ = os.Remove(file)
	if err := sftp.EnsureHostKey(file); err != nil {
		r.Fatal(err)
	}
}

// load returns the configuration in which the words of replace, old and new by turns,
// are replaced.
func (r *reloadable) load(more string, replace ...string) *config.Config {
	r.Helper()
	text := fmt.Sprintf(`
		transfers { grace = "1m" }
		backend "memory" "a" {}
		frontend "ftp" "public" {
		  listen = %[1]q
		  banner = "first"
		  passive { listen = %[2]q }
		  tls {
		    mode      = "optional"
		    cert_file = "%[4]s/tls.pem"
		    key_file  = "%[4]s/tls.pem"
		  }
		}
		frontend "sftp" "public" {
		  listen         = %[3]q
		  host_key_files = ["%[4]s/host.key"]
		}
		tenant "acme" {
		  mount "/" { backend = backend.memory.a }
		  user "u" { password_hash = %[5]q }
		}
	`, r.ftp, r.passive, r.sftp, r.dir, r.hash) + more
	text = strings.NewReplacer(replace...).Replace(text)
	c, diags := config.Load([]config.Source{{Name: filepath.Join(r.dir, "test.hcl"), Bytes: []byte(text)}}, Registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		r.Fatal(diags)
	}
	return c
}

// reload puts a configuration in force and returns what has changed.
func (r *reloadable) reload(more string, replace ...string) string {
	r.Helper()
	changes, err := r.Reload(r.Context(), r.load(more, replace...))
	if err != nil {
		r.Fatal(err)
	}
	return changes.String()
}

func (r *reloadable) dial(addr string) *ftpclient.Conn {
	r.Helper()
	c, err := ftpclient.Dial(r.Context(), addr, ftpclient.Options{})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(c.Close)
	if err := c.Login("u", "pw"); err != nil {
		r.Fatal(err)
	}
	return c
}

// certificate returns the one that a new connection is shown.
func (r *reloadable) certificate() string {
	r.Helper()
	raw, err := net.Dial("tcp", r.ftp)
	if err != nil {
		r.Fatal(err)
	}
	defer raw.Close()
	greeting := make([]byte, 512)
	if _, err := raw.Read(greeting); err != nil {
		r.Fatal(err)
	}
	if _, err := raw.Write([]byte("AUTH TLS\r\n")); err != nil {
		r.Fatal(err)
	}
	if n, err := raw.Read(greeting); err != nil || !strings.HasPrefix(string(greeting[:n]), "234") {
		r.Fatalf("%q, %v", greeting[:n], err)
	}
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the server is ours
	if err := c.HandshakeContext(r.Context()); err != nil {
		r.Fatal(err)
	}
	return string(c.ConnectionState().PeerCertificates[0].Raw)
}

// hostKeyOf returns the host key that a new connection is shown.
func (r *reloadable) hostKeyOf(addr string) string {
	r.Helper()
	var shown string
	c, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: "u", Auth: []ssh.AuthMethod{ssh.Password("pw")},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			shown = ssh.FingerprintSHA256(key)
			return nil
		},
	})
	if err != nil {
		r.Fatal(err)
	}
	_ = c.Close()
	return shown
}

// closes waits until nothing listens at an address.
func (r *reloadable) closes(addr string) {
	r.Helper()
	for {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		_ = c.Close()
		if err := r.Context().Err(); err != nil {
			r.Fatal(err)
		}
	}
}

// A reload without a change changes nothing, and one of certificates and host keys
// gives them to new connections alone. The stores stay open.
func TestReloadKeys(t *testing.T) {
	r := startReloadable(t)
	old := r.dial(r.ftp)
	if err := old.Put("f", strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
	certificate, hostKey := r.certificate(), r.hostKeyOf(r.sftp)
	if got := r.reload("\n# only a comment"); got != "nothing" {
		t.Errorf("changed: %s", got)
	}
	if r.certificate() != certificate || r.hostKeyOf(r.sftp) != hostKey {
		t.Error("the certificate or the host key is another one")
	}
	r.newCertificate()
	r.newHostKey()
	if got := r.reload(""); got != "certificates and host keys 2" {
		t.Errorf("changed: %s", got)
	}
	if r.certificate() == certificate || r.hostKeyOf(r.sftp) == hostKey {
		t.Error("the certificate or the host key is the old one")
	}
	for _, c := range []*ftpclient.Conn{old, r.dial(r.ftp)} {
		var got bytes.Buffer
		if _, err := c.Get("f", 0, &got); err != nil || got.String() != "kept" {
			t.Errorf("a session reads %q, %v", got.String(), err)
		}
	}
}

// New connections get new settings of a frontend, and those that are there keep theirs.
func TestReloadSettings(t *testing.T) {
	r := startReloadable(t)
	old := r.dial(r.ftp)
	if got := r.reload("", `"first"`, `"second"`, `"optional"`, `"required"`); got != "frontends +0 -0 ~1" {
		t.Errorf("changed: %s", got)
	}
	if err := old.Put("f", strings.NewReader("in clear")); err != nil {
		t.Errorf("a session from before: %v", err)
	}
	c, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if greeting := fmt.Sprint(c.Greeting()); !strings.Contains(greeting, "second") {
		t.Errorf("the greeting is %q", greeting)
	}
	if err := c.Login("u", "pw"); ftpclient.CodeOf(err) != 530 {
		t.Errorf("a login in clear: %v", err)
	}
}

// Limits of connections change on ports that stay, for connections that come afterwards.
func TestReloadConnectionLimits(t *testing.T) {
	r := startReloadable(t)
	old := r.dial(r.ftp)
	limits := func(most string) string {
		return r.reload("", `banner = "first"`, `max_sessions = `+most, `host_key_files`, `max_sessions = `+most+"\n\t\thost_key_files")
	}
	if got := limits("1"); got != "frontends +0 -0 ~2" {
		t.Errorf("changed: %s", got)
	}
	if _, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{}); ftpclient.CodeOf(err) != 421 {
		t.Errorf("one connection more than there may be: %v", err)
	}
	if err := old.Put("f", strings.NewReader("kept")); err != nil {
		t.Errorf("a session from before: %v", err)
	}
	first := r.dialTCP(r.sftp)
	if !r.greeted(first) || r.greeted(r.dialTCP(r.sftp)) {
		t.Error("SFTP serves one connection more than there may be")
	}
	limits("2")
	r.dial(r.ftp)
	if !r.greeted(r.dialTCP(r.sftp)) || !r.greeted(first) {
		t.Error("SFTP does not serve as many connections as there may be")
	}
}

// dialTCP opens a connection that is closed at the end of the test.
func (r *reloadable) dialTCP(addr string) net.Conn {
	r.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = c.Close() })
	return c
}

// greeted reports whether a server says something on c, and does not close it.
func (r *reloadable) greeted(c net.Conn) bool {
	n, err := c.Read(make([]byte, 1))
	return n == 1 && err == nil
}

// Frontends come, go and move to other ports. What cannot be bound leaves everything
// as it was.
func TestReloadListeners(t *testing.T) {
	r := startReloadable(t)
	second := freeport.Addr(t).String()
	more := fmt.Sprintf("\nfrontend \"sftp\" \"second\" {\n listen = %q\n host_key_files = [\"%s/host.key\"]\n}\n", second, r.dir)
	if got := r.reload(more); got != "frontends +1 -0 ~0" {
		t.Errorf("changed: %s", got)
	}
	r.hostKeyOf(second)

	moved, passive := freeport.Addr(t).String(), freeport.Addr(t).String()
	if got := r.reload("", r.ftp, moved, r.passive, passive); got != "frontends +0 -1 ~1" {
		t.Errorf("changed: %s", got)
	}
	if c := r.dial(moved); c.Put("f", strings.NewReader("moved")) != nil {
		t.Error("the frontend does not serve where it has moved to")
	}
	r.closes(r.ftp)
	r.closes(second)

	r.ftp, r.passive = moved, passive
	_, err := r.Reload(t.Context(), r.load(more, r.ftp, freeport.Addr(t).String(), `user "u"`, `user "v"`))
	if err == nil || !strings.Contains(err.Error(), "frontend ftp.public: listen cannot change while the ports are bound") {
		t.Errorf("the passive port is in the way: %v", err)
	}
	r.dial(r.ftp)
	if c, err := net.Dial("tcp", second); err == nil {
		_ = c.Close()
		t.Error("a frontend of a configuration that failed listens")
	}
}

// What is only read at the start is named.
func TestReloadAtStart(t *testing.T) {
	r := startReloadable(t)
	changes, err := r.Reload(t.Context(), r.load("node { name = \"other\" }\nlog {\n format = \"text\"\n level = \"debug\"\n}\n", `"1m"`, `"2m"`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(changes.AtStart, " "); got != "node transfers log" || changes.String() != "log level" {
		t.Errorf("at the start: %s, changed: %s", got, changes)
	}
	r.RunBy(Program{Reload: func(context.Context) (Changes, error) { return changes, nil }})
	text, err := operated{r.Gateway}.Reload(t.Context())
	if err != nil || text != "log level; read at the next start only: node, transfers, log" {
		t.Errorf("an operator is told %q, %v", text, err)
	}
}

// Tenants that get users, host names or a frontend of their own change what a name means at
// the next login.
func TestReloadHosts(t *testing.T) {
	r := startReloadable(t)
	tenant := func(hosts string) string {
		return fmt.Sprintf("\ntenant \"beta\" {\n %s\n mount \"/\" { backend = backend.memory.a }\n user \"U\" { password_hash = %q }\n}\n", hosts, r.hash)
	}
	// codes returns the replies to a login behind the commands in before.
	codes := func(login string, before ...string) string {
		c, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var got []string
		for _, line := range append(before, "USER "+login, "PASS pw") {
			reply, err := c.Cmd(line)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(reply.Code))
		}
		return strings.Join(got, " ")
	}
	const host = "HOST ftp.beta.example"
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	want("reload", r.reload(tenant("")), "tenants +1 -0 ~0, users +1 -0 ~0")
	want("ambiguous", codes("u"), "331 530")
	want("with the tenant", codes("beta/u"), "331 230")
	want("reload", r.reload(tenant(`hosts = ["ftp.beta.example"]`)), "tenants +0 -0 ~1")
	want("ambiguous", codes("u"), "331 530")
	want("at the host", codes("u", host), "220 331 230")
	want("another tenant's at the host", codes("acme/u", host), "220 331 530")
	want("reload", r.reload(tenant(`hosts = ["ftp.beta.example"]`), `"first"`, "\"first\"\n tenants = [\"acme\"]"), "frontends +0 -0 ~1")
	want("the only tenant", codes("u", host), "502 331 230")
	want("a tenant that is not served", codes("beta/u"), "331 530")
	c, err := ssh.Dial("tcp", r.sftp, &ssh.ClientConfig{User: "u", Auth: []ssh.AuthMethod{ssh.Password("pw")}, HostKeyCallback: ssh.InsecureIgnoreHostKey()}) //nolint:gosec // the server is ours
	if err == nil {
		_ = c.Close()
		t.Error("SFTP: an ambiguous name logs in")
	}
	if c, err := ssh.Dial("tcp", r.sftp, &ssh.ClientConfig{User: "beta/u", Auth: []ssh.AuthMethod{ssh.Password("pw")}, HostKeyCallback: ssh.InsecureIgnoreHostKey()}); err != nil { //nolint:gosec // the server is ours
		t.Errorf("SFTP: with the tenant: %v", err)
	} else {
		_ = c.Close()
	}
}
