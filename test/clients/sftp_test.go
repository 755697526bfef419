package clients

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/test/program"
)

// sftpClient is a program that scripts run over SFTP. Its scripts find the server
// in the variables HOST, PORT, USER and PASSWORD, with the user's key in
// IDENTITY and the host's in KNOWN_HOSTS; OpenSSH's as "server" in ssh_config, and
// as "bare" without the key. Behind the user's name and "-both" stands one who
// needs a certificate by CA and the password.
type sftpClient struct {
	name string
	// programs have to be there; one is a path or is looked up.
	programs []string
	// setup prepares what else the client needs.
	setup func(*testscript.Env) error
}

func TestOpenSSHSftp(t *testing.T) {
	sftpClient{name: "sftp", programs: []string{"sftp"}}.test(t)
}

func TestOpenSSHScp(t *testing.T) {
	sftpClient{name: "scp", programs: []string{"scp"}}.test(t)
}

func TestPsftp(t *testing.T) {
	sftpClient{name: "psftp", programs: []string{"psftp"}, setup: setupPsftp}.test(t)
}

// setupPsftp tells PuTTY, which has a format of its own for known hosts, the
// fingerprint of the host key.
func setupPsftp(env *testscript.Env) error {
	text, err := os.ReadFile(env.Getenv("HOST_KEY"))
	if err != nil {
		return err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return err
	}
	env.Setenv("FINGERPRINT", ssh.FingerprintSHA256(key))
	return nil
}

func TestParamiko(t *testing.T) {
	sftpClient{name: "paramiko", programs: []string{debianPython}, setup: setupParamiko}.test(t)
}

// debianPython is the interpreter that Debian's modules are for.
const debianPython = "/usr/bin/python3"

func setupParamiko(env *testscript.Env) error {
	lib, err := filepath.Abs("testdata/paramiko") // holds client.py
	if err != nil {
		return err
	}
	env.Setenv("PYTHON", debianPython)
	env.Setenv("PYTHONPATH", lib)
	env.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	env.Setenv("PYTHONUTF8", "1")
	return nil
}

func TestRclone(t *testing.T) {
	sftpClient{name: "rclone", programs: []string{"rclone"}, setup: setupRclone}.test(t)
}

func setupRclone(env *testscript.Env) error {
	obscured, err := exec.Command("rclone", "obscure", env.Getenv("PASSWORD")).Output()
	if err != nil {
		return err
	}
	env.Setenv("RCLONE_CONFIG", filepath.Join(env.WorkDir, "rclone.conf"))
	return os.WriteFile(env.Getenv("RCLONE_CONFIG"), fmt.Appendf(nil,
		"[server]\ntype = sftp\nhost = %s\nport = %s\nuser = %s\npass = %s\nknown_hosts_file = %s\nshell_type = none\n",
		env.Getenv("HOST"), env.Getenv("PORT"), env.Getenv("USER"), obscured, env.Getenv("KNOWN_HOSTS")), 0o600)
}

func TestSSH2(t *testing.T) {
	sftpClient{name: "ssh2", programs: []string{"node", "testdata/ssh2/node_modules/ssh2-sftp-client/package.json"}, setup: setupSSH2}.test(t)
}

func setupSSH2(env *testscript.Env) error {
	modules, err := filepath.Abs("testdata/ssh2/node_modules")
	if err != nil {
		return err
	}
	env.Setenv("NODE_PATH", modules)
	return nil
}

func TestSshfs(t *testing.T) {
	sftpClient{name: "sshfs", programs: []string{"sshfs", "/dev/fuse"}}.test(t)
}

// test runs the client's scripts over every store.
func (c sftpClient) test(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skipf("needs the built program and %s", c.name)
	}
	for _, p := range c.programs {
		_, err := exec.LookPath(p)
		if strings.Contains(p, "/") {
			_, err = os.Stat(p)
		}
		if err != nil {
			t.Skipf("%s is not installed; make test installs it", p)
		}
	}
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join("testdata", c.name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("testdata/%s holds no scripts (%v)", c.name, err)
	}
	for _, st := range []store{azuriteStore(t), localStore(t)} {
		t.Run(st.name(), func(t *testing.T) {
			t.Parallel()
			srv := serveSFTP(t, st, c.name, scripts)
			testscript.Run(t, testscript.Params{
				Files:               scripts,
				RequireExplicitExec: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"bytes":  cmdBytes,
					"same":   cmdSame,
					"stored": cmdStored(st),
				},
				Setup: func(env *testscript.Env) error { return srv.prepare(c, env) },
			})
		})
	}
}

// sftpServer is a running server with the files that its clients need.
type sftpServer struct {
	*program.Process
	host, port        string
	identity, hostKey string
	knownHosts, ca    string
}

// serveSFTP runs the program over st, with a tenant for each script: a user of
// that name, with a password and a key.
func serveSFTP(t *testing.T, st store, client string, scripts []string) *sftpServer {
	t.Helper()
	dir := t.TempDir()
	srv := &sftpServer{
		identity: filepath.Join(dir, "id"), hostKey: filepath.Join(dir, "host.pub"), knownHosts: filepath.Join(dir, "known_hosts"),
		ca: filepath.Join(dir, "ca"),
	}
	ca := writeKeyPair(t, srv.ca)
	userKey := writeKeyPair(t, srv.identity)
	hostFile := filepath.Join(dir, "host")
	hostKey := writeKeyPair(t, hostFile)
	var b strings.Builder
	b.WriteString(st.block())
	fmt.Fprintf(&b, `
frontend "sftp" "public" {
  listen         = "127.0.0.1:0"
  host_key_files = [%q]
}

log {
  level  = "debug"
  format = "json"
}
`, hostFile)
	hash := program.Hash(t, password)
	for _, script := range scripts {
		name := tenantOf(client, script)
		fmt.Fprintf(&b, `
tenant %q {
  mount "/" {
    backend = backend.%s.files
    path    = %q
  }
  trusted_user_ca_keys = [%q]
  user %q {
    password_hash   = %q
    authorized_keys = [%q]
  }
  user %q {
    password_hash = %q
    login         = "key_and_password"
  }
}
`, name, st.name(), name, ca, name, hash, userKey, name+"-both", hash)
	}
	config := filepath.Join(dir, "tidegate.hcl")
	writeFile(t, config, b.String())
	var addr string
	srv.Process, addr = program.Serve(t, "serve", config)
	t.Cleanup(srv.Stop)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	srv.host, srv.port = host, port
	writeFile(t, srv.knownHosts, fmt.Sprintf("[%s]:%s %s\n", host, port, hostKey))
	return srv
}

// prepare tells a script where the server is.
func (s *sftpServer) prepare(c sftpClient, env *testscript.Env) error {
	tenant := tenantOf(c.name, strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
	env.Values[tenantKey{}] = tenant
	config := filepath.Join(env.WorkDir, "ssh_config")
	for _, kv := range [][2]string{
		{"HOME", env.WorkDir},
		{"LC_ALL", "C.UTF-8"},
		{"PATH", os.Getenv("PATH")},
		{"HOST", s.host},
		{"PORT", s.port},
		{"USER", tenant},
		{"PASSWORD", password},
		{"IDENTITY", s.identity},
		{"CA", s.ca},
		{"HOST_KEY", s.hostKey},
		{"KNOWN_HOSTS", s.knownHosts},
		{"SSH_CONFIG", config},
	} {
		env.Setenv(kv[0], kv[1])
	}
	t := env.T().(testing.TB)
	t.Cleanup(func() {
		if t.Failed() {
			about := s.Lines(func(line string) bool { return strings.Contains(line, tenant) })
			t.Logf("the server's log of %s:\n%s", tenant, strings.Join(about, "\n"))
		}
	})
	text := fmt.Sprintf("Host server\n  IdentityFile %s\nHost *\n  HostName %s\n  Port %s\n  User %s\n  IdentitiesOnly yes\n"+
		"  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n  BatchMode yes\n  LogLevel ERROR\n",
		s.identity, s.host, s.port, tenant, s.knownHosts)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	if c.setup == nil {
		return nil
	}
	return c.setup(env)
}

// writeKeyPair makes a key as ssh-keygen does, and returns its public line.
func writeKeyPair(t *testing.T, file string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	writeFile(t, file, string(pem.EncodeToMemory(block)))
	writeFile(t, file+".pub", line+"\n")
	return line
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
