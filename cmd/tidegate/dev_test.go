package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// certificateOf returns the fingerprint of the certificate that a control port shows.
func certificateOf(t *testing.T, addr string) string {
	t.Helper()
	var shown []string
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{Security: ftpclient.Explicit, TLS: &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			sum := sha256.Sum256(s.PeerCertificates[0].Raw)
			for _, b := range sum {
				shown = append(shown, hex.EncodeToString([]byte{b}))
			}
			return nil
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	return strings.Join(shown, ":")
}

// freePorts returns flags of dev for free ports.
func freePorts(key string) []string {
	return []string{"dev", "-listen", "127.0.0.1:0", "-passive", "127.0.0.1:0", "-sftp", "127.0.0.1:0", "-host-key", key}
}

// A wrong value is reported with its flag: users do not see the file dev.hcl.
func TestDevNamesFlags(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"control port":   {[]string{"-listen", "21"}, "dev: -listen: Invalid address"},
		"SFTP port":      {[]string{"-sftp", "127.0.0.1:99999"}, "dev: -sftp: Invalid address"},
		"passive ports":  {[]string{"-passive", "127.0.0.1:30007-30000"}, "dev: -passive: Invalid address"},
		"template":       {[]string{"-listen", "${x}\"\n"}, "dev: -listen: Invalid address"},
		"the same twice": {[]string{"-listen", "127.0.0.1:30000", "-sftp", "127.0.0.1:30000"}, "already used by -listen"},
		"host key":       {[]string{"-host-key", "/no/such/directory/key"}, "-host-key: "},
		"password":       {[]string{"-password", "a\rb"}, "dev: -password: "},
		"long password":  {[]string{"-password", strings.Repeat("x", 100_000)}, "dev: -password: "},
	} {
		t.Run(name, func(t *testing.T) {
			args := append(freePorts(filepath.Join(dir, "key")), test.args...)
			status, stdout, stderr := tidegate(t, "", append(args, filepath.Join(dir, "files"))...)
			if status == exitOK || stdout != "" || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "dev.hcl") {
				t.Errorf("exit status %d, %q, want %q and no dev.hcl in:\n%s", status, stdout, test.want, stderr)
			}
		})
	}
}

func TestDevWithoutHome(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, "")
	}
	status, _, stderr := tidegate(t, "", "dev", t.TempDir())
	if status != exitFailure || !strings.Contains(stderr, "tidegate dev -host-key FILE") {
		t.Errorf("exit status %d, %q, want the flag that helps", status, stderr)
	}
}

func TestDevNamesTheFlagOfAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, name := range []string{"-listen", "-sftp", "-passive"} {
		args := append(freePorts(filepath.Join(t.TempDir(), "key")), name, taken.Addr().String(), t.TempDir())
		status, _, stderr := tidegate(t, "", args...)
		if status != exitFailure || !strings.Contains(stderr, "tidegate dev "+name+" 127.0.0.1:PORT") {
			t.Errorf("exit status %d, want the flag %s in:\n%s", status, name, stderr)
		}
	}
}

// The password may be a flag, and the printed commands are correct for a shell and as URLs.
// Clients accept the identities of the second start as those of the first.
func TestDevKeepsIdentities(t *testing.T) {
	key, dir := filepath.Join(t.TempDir(), "key"), t.TempDir()
	const password = "a b&c'd/@:%+é"
	var first []string
	for range 2 {
		i := start(t, append(freePorts(key), "-password", password, dir)...)
		addr := i.stdout.find(t, `curl -T FILE ftp://dev:a%20b%26c%27d%2F%40%3A%25%2B%C3%A9@([0-9.:]+)/`)[1]
		c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login("dev", password); err != nil {
			t.Error(err)
		}
		c.Close()
		prints := i.stdout.find(t, `certificate, SHA-256 [^\n]*\n +host key [^\n]*\n +host key [^\n]*\n`)
		if first != nil && first[0] != prints[0] {
			t.Errorf("the second start shows\n%s, the first one\n%s", prints[0], first[0])
		}
		first = prints
		i.end()
	}
	for _, name := range []string{key, key + "_ecdsa", key + "_tls.pem"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want a file for its owner alone", name, info, err)
		}
	}
}
