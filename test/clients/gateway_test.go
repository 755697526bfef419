package clients

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/test/launch"
)

// password is that of all users.
const password = planted.Password

func TestMain(m *testing.M) {
	flag.Parse()
	// The scripts of TestTogether wait for each other, those of TestClients for a turn.
	if err := flag.Set("test.parallel", strconv.Itoa(2*mostOfEach*len(clients()))); err != nil {
		panic(err)
	}
	os.Exit(launch.Main(m))
}

// gateway is a running `tidegate serve` of FTP and SFTP, with the files that its
// clients need.
type gateway struct {
	*launch.Process
	store store
	// addrs are the addresses of its frontends.
	addrs map[protocol]string
	// certificate is the file with the certificate of FTP.
	certificate string
	// kinds are those of the keys of SFTP, of the host and of the users, and
	// identities the files with the keys of the users, by kind.
	kinds      []string
	identities map[string]string
	// hostKey is the file with the first of the host's public keys, userCA the one with
	// the private key of the authority that certifies users.
	hostKey, userCA string
	knownHosts      string
}

// serve runs the program over st, with a tenant for each name: a user of that name,
// with a password and keys, and another one, NAME-both, that needs a certificate by
// userCA and the password. Their files lie in the directory of that name. Host and users have
// an Ed25519 and an ECDSA key each, or, with legacy, RSA keys. The gateway is stopped
// with the test, and the test fails unless it ends as it should.
func serve(t *testing.T, st store, tenants []string, legacy bool) *gateway {
	t.Helper()
	dir := t.TempDir()
	g := &gateway{
		store: st, kinds: []string{"ed25519", "ecdsa"}, identities: map[string]string{},
		userCA: filepath.Join(dir, "ca"), knownHosts: filepath.Join(dir, "known_hosts"),
	}
	if legacy {
		g.kinds = []string{"rsa"}
	}
	var key string
	g.certificate, key = writeCertificate(t, dir)
	ca := writeKeyPair(t, "ed25519", g.userCA)
	var userKeys, hostKeys, hostFiles []string
	for _, kind := range g.kinds {
		g.identities[kind] = filepath.Join(dir, "id_"+kind)
		host := filepath.Join(dir, "host_"+kind)
		userKeys = append(userKeys, writeKeyPair(t, kind, g.identities[kind]))
		hostKeys = append(hostKeys, writeKeyPair(t, kind, host))
		hostFiles = append(hostFiles, host)
	}
	g.hostKey = hostFiles[0] + ".pub"

	hash := launch.Hash(t, password)
	c := launch.Config{
		Store: st.block(), LogLevel: "debug",
		FTP:  &launch.FTP{CertFile: g.certificate, KeyFile: key},
		SFTP: &launch.SFTP{HostKeyFiles: hostFiles, Legacy: legacy},
	}
	for _, name := range tenants {
		c.Tenants = append(c.Tenants, launch.Tenant{
			Name: name, Path: name, UserCAs: []string{ca},
			Users: []launch.User{
				{Name: name, Hash: hash, Keys: userKeys},
				{Name: name + "-both", Hash: hash, Login: "key_and_password"},
			},
		})
	}
	g.Process = launch.Serve(t, c)
	t.Cleanup(g.Stop)
	g.addrs = map[protocol]string{overFTP: g.Addr("ftp"), overSFTP: g.Addr("sftp")}
	host, port := g.hostPort(overSFTP)
	var known strings.Builder
	for _, key := range hostKeys {
		fmt.Fprintf(&known, "[%s]:%s %s\n", host, port, key)
	}
	writeFile(t, g.knownHosts, known.String())
	return g
}

// hostPort is the address of a frontend in two.
func (g *gateway) hostPort(p protocol) (host, port string) {
	host, port, err := net.SplitHostPort(g.addrs[p])
	if err != nil {
		panic(err) // it is the address of a listener
	}
	return host, port
}

// showLogOf shows what the gateway has logged of a tenant, if the test fails.
func (g *gateway) showLogOf(t testing.TB, tenant string) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			about := g.Lines(func(line string) bool { return strings.Contains(line, tenant) })
			t.Logf("the gateway's log of %s:\n%s", tenant, strings.Join(about, "\n"))
		}
	})
}

// isSlowStore reports whether the gateway has logged that the emulator takes longer than a
// store should, as it does on a loaded machine. It is about the machine, not about a fault.
func isSlowStore(line string) bool {
	return strings.Contains(line, `"event":"the_store_does_not_answer"`)
}

// wantNoComplaints fails the test if the gateway has logged a warning or an error. It accepts the
// line that the store does not answer, and the warnings about the cheap hashes in the configuration
// of the test.
func (g *gateway) wantNoComplaints(t *testing.T) {
	t.Helper()
	complaints := g.Lines(func(line string) bool {
		return (strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`)) &&
			!isSlowStore(line) && !strings.Contains(line, `"event":"configuration_warning"`)
	})
	if len(complaints) > 0 {
		t.Errorf("the gateway has logged warnings or errors:\n%s", strings.Join(complaints, "\n"))
	}
	for _, line := range g.Lines(isSlowStore) {
		t.Log(line)
	}
}

// site is where one script finds the gateway.
type site struct {
	*gateway
	client client
	tls    bool
	user   string
}

// siteKey is where a script's site is kept for its commands.
type siteKey struct{}

func siteOf(ts *testscript.TestScript) site { return ts.Value(siteKey{}).(site) }

// addr is where the client finds the gateway.
func (s site) addr() string { return s.addrs[s.client.protocol] }

// prepare sets the variables of a script. All scripts get HOST, PORT, USER and PASSWORD. Scripts of
// FTP get the mode in MODE and the gateway's certificate in CA. Scripts of SFTP get the user's keys
// in ID_ED25519 and so on, the first of them also in IDENTITY, the host's keys in KNOWN_HOSTS, the
// first of them in HOST_KEY, and the private key of the authority that certifies users in USER_CA.
// OpenSSH's configuration in SSH_CONFIG has the hosts "server", and "bare" without the user's key.
func (s site) prepare(env *testscript.Env) error {
	host, port := s.hostPort(s.client.protocol)
	variables := map[string]string{
		"HOME": env.WorkDir, "LC_ALL": "C.UTF-8", "PATH": os.Getenv("PATH"),
		"HOST": host, "PORT": port, "USER": s.user, "PASSWORD": password,
	}
	identity := s.identities[s.kinds[0]]
	config := filepath.Join(env.WorkDir, "ssh_config")
	if s.client.protocol == overFTP {
		variables["MODE"], variables["CA"] = modeOf(s.tls), s.certificate
	} else {
		variables["IDENTITY"], variables["USER_CA"] = identity, s.userCA
		variables["HOST_KEY"], variables["KNOWN_HOSTS"], variables["SSH_CONFIG"] = s.hostKey, s.knownHosts, config
		for kind, file := range s.identities {
			variables["ID_"+strings.ToUpper(kind)] = file
		}
	}
	for name, file := range s.client.paths {
		abs, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		variables[name] = abs
	}
	if s.client.java != "" {
		variables["JDK_JAVA_OPTIONS"] = javaOptions
	}
	for name, value := range variables {
		env.Setenv(name, value)
	}
	env.Values[siteKey{}] = s
	s.showLogOf(env.T().(testing.TB), s.user)
	if s.client.protocol == overSFTP {
		text := fmt.Sprintf("Host server\n  IdentityFile %s\nHost *\n  HostName %s\n  Port %s\n  User %s\n  IdentitiesOnly yes\n"+
			"  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n  BatchMode yes\n  LogLevel ERROR\n",
			identity, host, port, s.user, s.knownHosts)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return err
		}
	}
	if s.client.setup == nil {
		return nil
	}
	return s.client.setup(s, env)
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
