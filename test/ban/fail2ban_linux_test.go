package ban

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

const (
	filter = "../../deploy/fail2ban/filter.d/tidegate.conf"
	// innocent is an address that no connection has.
	innocent = "198.51.100.99"
)

// site is a gateway that takes the addresses of its clients from PROXY.
type site struct {
	*testing.T
	gateway   *launch.Process
	ftp, sftp string
}

func newSite(t *testing.T) *site {
	key := filepath.Join(t.TempDir(), "host_key")
	if err := sftp.EnsureHostKey(key); err != nil {
		t.Fatal(err)
	}
	proxies := []string{"127.0.0.0/8"}
	g := launch.Serve(t, launch.Config{
		Store: launch.Local(t.TempDir()),
		FTP:   &launch.FTP{ProxyProtocol: proxies}, SFTP: &launch.SFTP{HostKeyFiles: []string{key}, ProxyProtocol: proxies},
		Tenants: []launch.Tenant{{Name: "acme", Users: []launch.User{{Name: "ann", Hash: launch.Hash(t, "right")}}}},
		Grace:   "1s",
	})
	return &site{T: t, gateway: g, ftp: g.Addr("ftp.public"), sftp: g.Addr("sftp.public")}
}

// dial connects as the client at an address.
func (s *site) dial(to, from string) net.Conn {
	s.Helper()
	c, err := net.DialTimeout("tcp", to, patience.Limit())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience.Limit()))
	family, here := "TCP4", "192.0.2.1"
	if strings.Contains(from, ":") {
		family, here = "TCP6", "2001:db8::1"
	}
	if _, err := fmt.Fprintf(c, "PROXY %s %s %s 4711 21\r\n", family, from, here); err != nil {
		s.Fatal(err)
	}
	return c
}

// overFTP logs in and returns the code of the reply.
func (s *site) overFTP(from, login, password string) string {
	s.Helper()
	c := s.dial(s.ftp, from)
	r := bufio.NewReader(c)
	var reply string
	for _, command := range []string{"", "USER " + login, "PASS " + password} {
		if command != "" {
			if _, err := fmt.Fprintf(c, "%s\r\n", command); err != nil {
				s.Fatal(err)
			}
		}
		var err error
		if reply, err = r.ReadString('\n'); err != nil {
			s.Fatal(err)
		}
	}
	return reply[:3]
}

// overSFTP logs in and reports whether that succeeds.
func (s *site) overSFTP(from, login, password string) bool {
	s.Helper()
	c, _, _, err := ssh.NewClientConn(s.dial(s.sftp, from), "", &ssh.ClientConfig{
		User: login, Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: func(string, net.Addr, ssh.PublicKey) error { return nil },
	})
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// guess tries a wrong password several times, over new connections.
func (s *site) guess(from, login string, times int) {
	s.Helper()
	for i := range times {
		if code := s.overFTP(from, login, fmt.Sprint("wrong", i)); code != "530" {
			s.Errorf("%s from %s: %s, want 530", login, from, code)
		}
	}
}

// log ends the gateway and writes its log to a file.
func (s *site) log() string {
	s.Helper()
	s.gateway.Stop()
	lines := s.gateway.Lines(func(string) bool { return true })
	file := filepath.Join(s.TempDir(), "tidegate.log")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		s.Fatal(err)
	}
	return file
}

// found returns the addresses that fail2ban finds, one for each line of the log that it
// counts, sorted.
func found(t *testing.T, log string) []string {
	t.Helper()
	program, err := exec.LookPath("fail2ban-regex")
	if err != nil {
		t.Skip("fail2ban is not installed")
	}
	cmd := exec.CommandContext(t.Context(), program, "-o", "ip", log, filter)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("fail2ban-regex: %v\n%s", err, out)
	}
	all := strings.Fields(string(out))
	slices.Sort(all)
	return all
}

// fail2ban counts each line of the log about refused logins, for the address of the client, and
// counts no other line.
func TestFail2ban(t *testing.T) {
	s := newSite(t)
	s.guess("203.0.113.1", "ann", 3) // the first one, and a line with the number of the others
	s.guess("203.0.113.2", "nobody", 1)
	if s.overSFTP("203.0.113.2", "ann", "wrong") { // a line of each protocol
		t.Error("a wrong password lets in")
	}
	s.guess("2001:db8:1::7", "ann", 1)
	if code := s.overFTP("203.0.113.3", "ann", "right"); code != "230" || !s.overSFTP("203.0.113.3", "ann", "right") {
		t.Errorf("a login with the right password: %s", code)
	}
	_ = s.dial(s.ftp, "203.0.113.4").Close() // it sends nothing
	// A login must not make fail2ban read another address than that of the client.
	for i, login := range []string{
		`x" remote_ip="` + innocent, `x","remote_ip":"` + innocent + `"`, `x\","remote_ip":"` + innocent + `","login":"`,
		`{"time":"2026-01-01T00:00:00Z","level":"WARN","msg":"login refused","remote_ip":"` + innocent + `"`,
		`"network":"` + innocent + `/32"`, `x\`, innocent,
	} {
		s.guess(fmt.Sprintf("203.0.113.%d", 10+i), login, 2)
	}
	want := []string{
		"2001:db8:1::7", "203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2",
	}
	for i := range 7 {
		want = append(want, fmt.Sprintf("203.0.113.%d", 10+i), fmt.Sprintf("203.0.113.%d", 10+i))
	}
	slices.Sort(want)
	if got := found(t, s.log()); !slices.Equal(got, want) {
		t.Errorf("fail2ban finds\n%q, want\n%q", got, want)
	}
}
