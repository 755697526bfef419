package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// serveConfig is a whole configuration over memory, with the given end.
func serveConfig(t *testing.T, more string) string {
	t.Helper()
	hash, err := auth.HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "hash"), hash+"\n")
	write(t, filepath.Join(dir, "tidegate.hcl"), `
		backend "memory" "a" {}
		backend "memory" "b" {}
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive {
		    listen = "127.0.0.1:0"
		  }
		}
		tenant "contoso" {
		  mount "/" { backend = backend.memory.a }
		  mount "/archive" {
		    backend = backend.memory.b
		    access  = "read"
		  }
		  user "upload" {
		    password_hash = trimspace(file("hash"))
		    home          = "/incoming"
		  }
		  user "elsewhere" {
		    password_hash = trimspace(file("hash"))
		    networks      = ["192.0.2.0/24"]
		  }
		}
		`+more)
	return dir
}

func TestServe(t *testing.T) {
	i := start(t, "serve", serveConfig(t, `transfers { grace = "1s" }`))
	var listening struct{ Addr, Frontend string }
	line := i.stderr.find(t, `^.*"msg":"listening".*$`)[0]
	if err := json.Unmarshal([]byte(line), &listening); err != nil || listening.Frontend != "ftp.public" {
		t.Fatalf("%s: %v", line, err)
	}
	i.stderr.find(t, `"msg":"ready"`)

	c, err := ftpclient.Dial(t.Context(), listening.Addr, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("UPLOAD@contoso", "correct horse"); err != nil {
		t.Fatal(err)
	}
	if dir, err := c.Pwd(); err != nil || dir != "/incoming" {
		t.Errorf("Pwd = %q, %v, want the home", dir, err)
	}
	content := bytes.Repeat([]byte("tide"), 100_000)
	if err := c.Put("file.bin", bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := c.Get("/incoming/file.bin", 0, &got); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("Get: %d bytes, %v, want the %d that were stored", got.Len(), err, len(content))
	}
	if err := c.Put("/archive/file.bin", strings.NewReader("x")); ftpclient.CodeOf(err) != 550 && ftpclient.CodeOf(err) != 553 {
		t.Errorf("Put on a read-only mount = %v, want a refusal", err)
	}

	for _, login := range [][2]string{{"upload", "wrong"}, {"elsewhere", "correct horse"}, {"nobody", "correct horse"}} {
		c, err := ftpclient.Dial(t.Context(), listening.Addr, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login(login[0], login[1]); ftpclient.CodeOf(err) != 530 {
			t.Errorf("Login(%q) = %v, want 530", login, err)
		}
		c.Close()
	}

	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d after a graceful stop, want 0", status)
	}
	if c, err := net.Dial("tcp", listening.Addr); err == nil {
		c.Close()
		t.Error("the port is still open")
	}
}

// When a port is in use, the run fails and closes everything that was open.
func TestServeClosesEverythingOnFailure(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := freeport.Addr(t).String()
	dir := serveConfig(t, `
		frontend "ftp" "first" {
		  listen = "`+addr+`"
		  passive {
		    listen = "127.0.0.1:0"
		  }
		}
		frontend "ftp" "second" {
		  listen = "`+taken.Addr().String()+`"
		  passive {
		    listen = "127.0.0.1:0"
		  }
		}`)
	status, _, stderr := tidegate(t, "", "serve", dir)
	for _, want := range []string{`"msg":"starting"`, `"level":"ERROR","msg":"cannot start"`, "the port is in use by "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %s in the log:\n%s", want, stderr)
		}
	}
	for line := range strings.Lines(stderr) {
		if !json.Valid([]byte(line)) || !strings.Contains(line, `"node":"`) {
			t.Errorf("a line that is no JSON or names no node: %s", line)
		}
	}
	if strings.Contains(stderr, `"served"`) {
		t.Errorf("a start that fails counts what it served:\n%s", stderr)
	}
	if status != exitFailure || !strings.Contains(stderr, "frontend ftp.second") {
		t.Errorf("exit status %d, %q, want 1 and the frontend's name", status, stderr)
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the first frontend's port is still bound: %v", err)
	}
	again.Close()
}

// All missing files are reported at once, each with its place.
func TestServeReportsAllThatIsMissing(t *testing.T) {
	dir := serveConfig(t, `backend "local" "gone" { root = "/no/such/directory" }
		frontend "sftp" "s" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["/no/such/key"]
		}
		frontend "ftp" "f" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode      = "required"
		    cert_file = "/no/such/crt"
		    key_file  = "/no/such/key"
		  }
		}`)
	status, _, stderr := tidegate(t, "", "serve", dir)
	if status != exitUsage || strings.Count(stderr, `"problem":"File is not there"`) != 4 || !strings.Contains(stderr, "has 4 problems") {
		t.Errorf("exit status %d, want 2 and four problems:\n%s", status, stderr)
	}
	if status, stdout, stderr := tidegate(t, "", "check", dir); status != exitOK || strings.Count(stderr, ": warning: File is not there") != 4 || !strings.Contains(stdout, "is fine") {
		t.Errorf("check: exit status %d, want 0 and four warnings:\n%s", status, stderr)
	}
}

func TestDev(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `new "${dir}"`)
	i := start(t, "dev", "-listen", "127.0.0.1:0", "-state", t.TempDir(), dir)
	plain := i.stdout.find(t, `curl -T FILE ftp://dev:(\w{16})@([0-9.:]+)/`)
	password, addr := plain[1], plain[2]
	hostKeys := map[string]string{}
	certificate := i.stdout.find(t, `certificate, SHA-256 +([0-9a-f:]{95})\n`)[1]
	for _, algorithm := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256} {
		hostKeys[algorithm] = i.stdout.find(t, `host key +(SHA256:\S+) `+algorithm+`\n`)[1]
	}
	if got := certificateOf(t, addr, sha256.New()); got != certificate {
		t.Errorf("the certificate is %s, want %s as printed", got, certificate)
	}
	encrypted := i.stdout.find(t, `curl -T FILE --ssl-reqd -k ftp://dev:(\w+)@([0-9.:]+)/`)
	if encrypted[1] != password || encrypted[2] != addr {
		t.Errorf("the two lines differ: %q, %q", plain[0], encrypted[0])
	}
	for name, o := range map[string]ftpclient.Options{
		"plain": {},
		// As curl -k: no client can know the new certificate.
		"tls": {Security: ftpclient.Explicit, TLS: &tls.Config{InsecureSkipVerify: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ftpclient.Dial(t.Context(), addr, o)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.Login("dev", password); err != nil {
				t.Fatal(err)
			}
			if err := c.Put(name+".txt", strings.NewReader("content")); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, name+".txt"))
			if err != nil || string(got) != "content" {
				t.Errorf("in the directory: %q, %v", got, err)
			}
		})
	}
	i.stdout.find(t, `lftp -e 'set ssl:verify-certificate no' ftp://dev:`)
	i.stdout.find(t, `filezilla ftpes://dev:`)
	i.stdout.find(t, `winscp sftp://dev:`)
	shell := i.stdout.find(t, `sftp -P (\d+) dev@([0-9.]+)`)
	for algorithm, fingerprint := range hostKeys {
		t.Run("sftp "+algorithm, func(t *testing.T) {
			putOverSFTP(t, shell[2]+":"+shell[1], password, algorithm, fingerprint, dir)
		})
	}
	if status := i.end(); status != exitOK {
		t.Errorf("exit status %d, want 0", status)
	}
}

// putOverSFTP uploads to a server whose host key of the algorithm has the fingerprint.
func putOverSFTP(t *testing.T, addr, password, algorithm, fingerprint, dir string) {
	known := func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if got := ssh.FingerprintSHA256(key); got != fingerprint {
			return fmt.Errorf("the host key is %s, %s was announced", got, fingerprint)
		}
		return nil
	}
	c, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: "dev", Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: known,
		HostKeyAlgorithms: []string{algorithm},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := sftp.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Create("/sftp.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte("content"))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "sftp.txt"))
	if err != nil || string(got) != "content" {
		t.Errorf("in the directory: %q, %v", got, err)
	}
}

// TestServeWithoutAStore: a store that does not answer does not stop the start. Its mount
// answers 451 until the store answers, in the session that has met the outage too.
func TestServeWithoutAStore(t *testing.T) {
	stub, err := azstub.New(azstub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stub.Close(); err != nil {
			t.Error(err)
		}
	})
	stub.CreateContainer("late")
	address := freeport.Addr(t).String()
	i := start(t, "serve", serveConfig(t, fmt.Sprintf(`
		backend "azblob" "late" {
		  endpoint  = "http://%s/%s"
		  container = "late"
		  auth "shared_key" { key = %q }
		}
		tenant "fabrikam" {
		  mount "/" { backend = backend.azblob.late }
		  user "late" { password_hash = trimspace(file("hash")) }
		}`, address, azstub.DevAccount, azstub.DevKey)))
	i.stderr.find(t, `"msg":"backend unavailable"`)
	addr := i.stderr.find(t, `"msg":"listening".*"addr":"([^"]+)"`)[1]
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("late", "correct horse"); err != nil {
		t.Fatal(err)
	}
	if err := c.Put("file", strings.NewReader("x")); ftpclient.CodeOf(err) != 451 {
		t.Errorf("during the outage: %v, want 451", err)
	}
	if err := stub.Listen(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	i.stderr.find(t, `"msg":"backend opened"`)
	if err := c.Put("file", strings.NewReader("x")); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}
