package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// makeKeys makes the nodes' host key and the user's key, both Ed25519.
func (s *site) makeKeys() {
	dir := s.t.TempDir()
	s.hostKey, s.userKey = filepath.Join(dir, "host"), filepath.Join(dir, "user")
	for _, file := range []string{s.hostKey, s.userKey} {
		if err := sftp.EnsureHostKey(file); err != nil {
			s.t.Fatal(err)
		}
	}
}

// publicKey returns the line for authorized_keys of a private key.
func (s *site) publicKey(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(key.PublicKey()))
}

// OpenSSH through HAProxy, once to each node: both have one host key, each sees
// with its next request what the other has stored, and with PROXY both know the
// client's address. The balancer's checks are no sessions.
func TestSFTP(t *testing.T) {
	need(t, "sftp", "haproxy")
	for name, proxy := range map[string]bool{"plain": false, "PROXY": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 2, balancer{program: haproxy, proxy: proxy})
			dir := t.TempDir()
			hosts := filepath.Join(dir, "known_hosts")
			if err := os.WriteFile(hosts, []byte(publicAddr+" "+s.publicKey(s.hostKey)), 0o600); err != nil {
				t.Fatal(err)
			}
			sent := filepath.Join(dir, "sent")
			all := bytes.Repeat([]byte("tide"), fileBytes)
			if err := os.WriteFile(sent, all, 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(batch string) {
				t.Helper()
				cmd := exec.CommandContext(t.Context(), "sftp", "-i", s.userKey, "-F", "none", "-b", "-",
					"-o", "UserKnownHostsFile="+hosts, "-o", "StrictHostKeyChecking=yes", user+"@"+publicAddr)
				cmd.Stdin = strings.NewReader(batch)
				var out bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := s.clients.do(cmd.Run); err != nil {
					t.Fatalf("sftp: %v\n%s", err, out.Bytes())
				}
			}
			// Neighbouring connections go to different nodes: what one has stored is
			// read from the other, and each has its turn.
			for i := range 4 {
				got := filepath.Join(dir, fmt.Sprint("got-", i))
				if i > 0 {
					run(fmt.Sprintf("get f-%d %s\n", i-1, got))
					if b, err := os.ReadFile(got); err != nil || !bytes.Equal(b, all) {
						t.Errorf("%d bytes that are not the %d stored, %v", len(b), len(all), err)
					}
					run("ls\n")
				}
				run(fmt.Sprintf("put %s f-%d\n", sent, i))
				if stored, err := s.read(fmt.Sprint("f-", i)); err != nil || stored != ledger.Of(all) {
					t.Errorf("the store holds %v, %v", stored, err)
				}
			}
			// What one node renames in an account with a hierarchical namespace, the other
			// lists, and removes.
			run(fmt.Sprintf("mkdir %[1]sd\nput %[2]s %[1]sd/part\nrename %[1]sd/part %[1]sd/whole\n", lakeDir, sent))
			run(fmt.Sprintf("rename %[1]sd %[1]se\nls %[1]se/whole\n", lakeDir))
			if stored, err := s.read(lakeDir + "e/whole"); err != nil || stored != ledger.Of(all) {
				t.Errorf("the account with a hierarchical namespace holds %v, %v", stored, err)
			}
			run(fmt.Sprintf("rm %[1]se/whole\nrmdir %[1]se\n", lakeDir))
			if left := append(s.lake.Names(lakeFiles), s.lake.Directories(lakeFiles)...); len(left) > 0 {
				t.Errorf("the account with a hierarchical namespace still holds %v", left)
			}
			want := balancerAddr
			if proxy {
				want = clientAddr
			}
			for _, n := range s.nodes {
				n.p.Terminate()
				s.ended(n)
				sessions := n.lines("login succeeded")
				if len(sessions) == 0 {
					t.Errorf("node %d has served nobody", n.index)
				}
				for _, l := range sessions {
					if l.Remote != want || l.Tenant != "cluster" || l.User != user {
						t.Errorf("node %d: a login of %s from %s, want one from %s", n.index, l.User, l.Remote, want)
					}
				}
				if found := n.lines("session refused"); len(found) > 0 {
					t.Errorf("node %d: %d sessions were refused", n.index, len(found))
				}
				for _, l := range n.lines("session ended") {
					if l.User == "" && l.Level != "DEBUG" { // HAProxy's checks send nothing
						t.Errorf("node %d: a session ended without a login: %+v", n.index, l)
					}
				}
			}
		})
	}
}

// logLine is what the test asks of a line about SFTP.
type logLine struct {
	Level, Msg, Proto, Tenant, User, Cause string
	Remote                                 string `json:"remote_ip"`
}

// lines returns a node's lines about SFTP with a message.
func (n *node) lines(msg string) []logLine {
	var found []logLine
	n.p.Lines(func(text string) bool {
		var l logLine
		if json.Unmarshal([]byte(text), &l) == nil && l.Proto == "sftp" && l.Msg == msg {
			found = append(found, l)
		}
		return false
	})
	return found
}
