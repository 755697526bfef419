package clients

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidegate/tidegate/test/launch"
)

// sftpServer is a running server with the files that its clients need.
type sftpServer struct {
	*server
	host, port string
	// identities are the files with the users' keys, by their kind.
	kinds      []string
	identities map[string]string
	// hostKey is the file with the first of the host's public keys, ca the one with
	// the private key of the users' certification authority.
	hostKey, ca string
	knownHosts  string
}

// serveSFTP runs the program over st, with a tenant for each name: a user of that
// name, with a password and keys, and one who needs a certificate by ca and the
// password. There are an Ed25519 and an ECDSA key of the
// users and of the host, or, with legacy, RSA keys.
func serveSFTP(t *testing.T, st store, tenants []string, legacy bool) *sftpServer {
	t.Helper()
	dir := t.TempDir()
	srv := &sftpServer{
		kinds: []string{"ed25519", "ecdsa"}, identities: map[string]string{},
		ca: filepath.Join(dir, "ca"), knownHosts: filepath.Join(dir, "known_hosts"),
	}
	ca := writeKeyPair(t, "ed25519", srv.ca)
	if legacy {
		srv.kinds = []string{"rsa"}
	}
	var userKeys, hostKeys, hostFiles []string
	for _, kind := range srv.kinds {
		srv.identities[kind] = filepath.Join(dir, "id_"+kind)
		host := filepath.Join(dir, "host_"+kind)
		userKeys = append(userKeys, writeKeyPair(t, kind, srv.identities[kind]))
		hostKeys = append(hostKeys, writeKeyPair(t, kind, host))
		hostFiles = append(hostFiles, host)
	}
	srv.hostKey = hostFiles[0] + ".pub"

	hash := launch.Hash(t, password)
	c := launch.Config{Store: st.block(), SFTP: &launch.SFTP{HostKeyFiles: hostFiles, Legacy: legacy}, LogLevel: "debug"}
	for _, name := range tenants {
		c.Tenants = append(c.Tenants, launch.Tenant{
			Name: name, Path: name, UserCAs: []string{ca},
			Users: []launch.User{
				{Name: name, Hash: hash, Keys: userKeys},
				{Name: name + "-both", Hash: hash, Login: "key_and_password"},
			},
		})
	}
	srv.server = &server{Process: launch.Serve(t, c)}
	srv.addr = srv.Addr("sftp")
	t.Cleanup(srv.Stop)
	var err error
	if srv.host, srv.port, err = net.SplitHostPort(srv.addr); err != nil {
		t.Fatal(err)
	}
	var known strings.Builder
	for _, key := range hostKeys {
		fmt.Fprintf(&known, "[%s]:%s %s\n", srv.host, srv.port, key)
	}
	writeFile(t, srv.knownHosts, known.String())
	return srv
}

// prepare tells a script where the server is.
func (s *sftpServer) prepare(c sftpClient, env *testscript.Env) error {
	tenant := tenantOf(c.name, strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
	env.Values[tenantKey{}] = tenant
	config := filepath.Join(env.WorkDir, "ssh_config")
	identity := s.identities[s.kinds[0]]
	for _, kv := range [][2]string{
		{"HOME", env.WorkDir},
		{"LC_ALL", "C.UTF-8"},
		{"PATH", os.Getenv("PATH")},
		{"HOST", s.host},
		{"PORT", s.port},
		{"USER", tenant},
		{"PASSWORD", password},
		{"IDENTITY", identity},
		{"CA", s.ca},
		{"HOST_KEY", s.hostKey},
		{"KNOWN_HOSTS", s.knownHosts},
		{"SSH_CONFIG", config},
	} {
		env.Setenv(kv[0], kv[1])
	}
	for kind, file := range s.identities {
		env.Setenv("ID_"+strings.ToUpper(kind), file)
	}
	s.showLogOf(env.T().(testing.TB), tenant)
	text := fmt.Sprintf("Host server\n  IdentityFile %s\nHost *\n  HostName %s\n  Port %s\n  User %s\n  IdentitiesOnly yes\n"+
		"  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n  BatchMode yes\n  LogLevel ERROR\n",
		identity, s.host, s.port, tenant, s.knownHosts)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	if c.setup == nil {
		return nil
	}
	return c.setup(env)
}

// writeKeyPair makes a key, in the older format where there is one, which all
// clients read, and returns its public line.
func writeKeyPair(t *testing.T, kind, file string) string {
	t.Helper()
	// An RSA host key must have 3072 bits; the others take no other number.
	args := []string{"-q", "-t", kind, "-m", "PEM", "-N", "", "-C", kind, "-f", file}
	if kind == "rsa" {
		args = append(args, "-b", "3072")
	}
	if out, err := exec.Command("ssh-keygen", args...).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	line, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(line))
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
