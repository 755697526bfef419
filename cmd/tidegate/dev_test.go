package main

import (
	"crypto/sha1" //nolint:gosec // what lftp shows
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"hash"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// certificateOf returns the fingerprint of the certificate that a control port shows.
func certificateOf(t *testing.T, addr string, sum hash.Hash) string {
	t.Helper()
	var shown []string
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{Security: ftpclient.Explicit, TLS: &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			_, _ = sum.Write(s.PeerCertificates[0].Raw) // a hash takes everything
			for _, b := range sum.Sum(nil) {
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
func freePorts(state string) []string {
	return []string{"dev", "-listen", "127.0.0.1:0", "-state", state}
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
		"state":          {[]string{"-state", os.DevNull + "/state"}, "-state: "},
		"password":       {[]string{"-password", "a\rb"}, "dev: -password: "},
		"long password":  {[]string{"-password", strings.Repeat("x", 100_000)}, "dev: -password: "},
	} {
		t.Run(name, func(t *testing.T) {
			args := append(freePorts(filepath.Join(dir, "state")), test.args...)
			status, stdout, stderr := tidegate(t, "", append(args, filepath.Join(dir, "files"))...)
			if status == exitOK || stdout != "" || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "dev.hcl") {
				t.Errorf("exit status %d, %q, want %q and no dev.hcl in:\n%s", status, stdout, test.want, stderr)
			}
		})
	}
}

func TestDevWithoutHome(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_STATE_HOME", "AppData"} {
		t.Setenv(name, "")
	}
	status, _, stderr := tidegate(t, "", "dev", t.TempDir())
	if status != exitFailure || !strings.Contains(stderr, "tidegate dev -state FOLDER") {
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
		args := append(freePorts(t.TempDir()), "-passive", "127.0.0.1:0", "-sftp", "127.0.0.1:0", name, taken.Addr().String(), t.TempDir())
		status, _, stderr := tidegate(t, "", args...)
		want := "tidegate dev " + name + " 127.0.0.1:PORT"
		if status != exitFailure || !strings.Contains(stderr, want) {
			t.Errorf("exit status %d, want the flag %s in:\n%s", status, name, stderr)
		}
		if holder := fmt.Sprintf("(process %d). Stop it", os.Getpid()); runtime.GOOS == "linux" && !strings.Contains(stderr, holder) {
			t.Errorf("want %q in:\n%s", holder, stderr)
		}
	}
}

// A warning about an address of the network names the flag.
func TestDevOnTheNetwork(t *testing.T) {
	i := start(t, "dev", "-listen", "0.0.0.0:0", "-state", t.TempDir(), t.TempDir())
	i.stderr.find(t, "warning: dev: -listen: Passwords may travel in clear. ")
	i.end()
	if text, _, _ := i.stderr.now(); strings.Contains(text, "dev.hcl") {
		t.Errorf("users do not see dev.hcl:\n%s", text)
	}
}

// The fingerprint of lftp is that of the certificate that clients get.
func TestDevFingerprints(t *testing.T) {
	i := start(t, append(freePorts(t.TempDir()), t.TempDir())...)
	addr := i.stdout.find(t, `curl -T FILE ftp://[^@]*@([0-9.:]+)/`)[1]
	long, short := i.stdout.find(t, `certificate, SHA-256 +(\S+)\n`)[1], i.stdout.find(t, `certificate, SHA-1 +(\S+)\n`)[1]
	if got := certificateOf(t, addr, sha256.New()); got != long {
		t.Errorf("SHA-256 %s, want %s", long, got)
	}
	if got := certificateOf(t, addr, sha1.New()); !strings.EqualFold(got, short) { //nolint:gosec // what lftp shows
		t.Errorf("SHA-1 %s, want %s", short, got)
	}
}

// Clients accept the identities and the password of the second start as those of the first,
// until they are renewed.
func TestDevKeepsItsState(t *testing.T) {
	state, dir := t.TempDir(), t.TempDir()
	show := func(more ...string) (password, prints string) {
		t.Helper()
		i := start(t, append(append(freePorts(state), more...), dir)...)
		defer i.end()
		password = i.stdout.find(t, `with the password "(.*)":`)[1]
		return password, i.stdout.find(t, `certificate, SHA-256 [^\n]*\n +certificate, SHA-1 [^\n]*\n +host key [^\n]*\n +host key [^\n]*\n`)[0]
	}
	password, prints := show()
	for _, name := range []string{hostKeyName, ecdsaKeyName, certificateName, passwordName} {
		if info, err := os.Stat(filepath.Join(state, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want a file for its owner alone", name, info, err)
		}
	}
	if given, same := show("-password", "for this start"); given != "for this start" || same != prints {
		t.Errorf("with -password: the password %q and\n%s, want\n%s", given, same, prints)
	}
	if again, same := show(); again != password || same != prints {
		t.Errorf("the next start shows %q and\n%s, the first one %q and\n%s", again, same, password, prints)
	}
	if again, other := show("-renew"); again == password || other == prints {
		t.Errorf("-renew shows %q and\n%s, as before", again, other)
	}
}

// The printed commands are correct for a shell and as URLs.
func TestDevQuotesThePassword(t *testing.T) {
	const password = "a b&c'd/@:%+é"
	i := start(t, append(freePorts(t.TempDir()), "-password", password, t.TempDir())...)
	addr := i.stdout.find(t, `curl -T FILE ftp://dev:a%20b%26c%27d%2F%40%3A%25%2B%C3%A9@([0-9.:]+)/`)[1]
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("dev", password); err != nil {
		t.Error(err)
	}
}

// The other ports follow that of -listen, so a busy one is moved by -listen.
func TestDevPortsFollow(t *testing.T) {
	o := newDevOptions()
	o.listen = "127.0.0.1:2131"
	if err := o.complete([]string{t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if o.passive != "127.0.0.1:2132" || o.sftp != "127.0.0.1:2232" {
		t.Errorf("-listen %s: -passive %s -sftp %s", o.listen, o.passive, o.sftp)
	}
	if got, want := o.other("sftp"), "-listen 127.0.0.1:2141"; got != want {
		t.Errorf("for a busy SFTP port: %s, want %s", got, want)
	}
}

// A client that runs elsewhere cannot connect to 0.0.0.0.
func TestDevPrintsReachableAddresses(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:21": "127.0.0.1:21", "[::1]:21": "[::1]:21"} {
		tcp := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))
		if got := reachable(tcp); got != want {
			t.Errorf("%s: %s", addr, got)
		}
	}
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", reachable(l.Addr()))
	if err != nil || strings.HasPrefix(c.RemoteAddr().String(), "0.0.0.0") {
		t.Fatalf("%s for %s: %v", reachable(l.Addr()), l.Addr(), err)
	}
	c.Close()
}
