package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/test/launch"
)

// rsyslog is a syslog server that listens on UDP, TCP and a socket of the machine, and writes
// the parts of each message that it has understood.
type rsyslog struct{ udp, tcp, socket, file string }

// startRsyslog starts it, and waits until it listens.
func startRsyslog(t *testing.T) rsyslog {
	program := "/usr/sbin/rsyslogd"
	if _, err := os.Stat(program); err != nil {
		t.Skip("rsyslog is not installed")
	}
	dir := t.TempDir()
	port := func() string { return freeport.Addr(t).String() }
	r := rsyslog{udp: port(), tcp: port(), socket: filepath.Join(dir, "log"), file: filepath.Join(dir, "received")}
	_, udp, _ := net.SplitHostPort(r.udp)
	_, tcp, _ := net.SplitHostPort(r.tcp)
	settings := filepath.Join(dir, "rsyslog.conf")
	text := fmt.Sprintf(`global(workDirectory=%q maxMessageSize="64k")
module(load="imudp")
module(load="imptcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="127.0.0.1" port=%q)
input(type="imptcp" address="127.0.0.1" port=%q)
input(type="imuxsock" Socket=%q)
template(name="parts" type="string" string="%%inputname%% %%pri-text%% %%programname%% %%msgid%% %%hostname%% %%msg%%\n")
action(type="omfile" file=%q template="parts")
`, dir, udp, tcp, r.socket, r.file)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "-n", "-f", settings, "-i", filepath.Join(dir, "pid"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("rsyslogd: %s", out.String())
		}
	})
	r.await(t, func() bool {
		c, err := net.Dial("tcp", r.tcp)
		if err == nil {
			_ = c.Close()
		}
		_, socket := os.Stat(r.socket)
		return err == nil && socket == nil
	})
	return r
}

// await waits until something that rsyslog does in its own time is done.
func (rsyslog) await(t *testing.T, done func() bool) {
	t.Helper()
	late := time.After(time.Minute)
	for !done() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-late:
			t.Fatal("rsyslog has not done it within a minute")
		}
	}
}

// Debian's rsyslog understands each part of a message, over UDP, TCP and a socket.
func TestRsyslog(t *testing.T) {
	server := startRsyslog(t)
	s := &site{T: t, store: azstub.Start(t, azstub.Options{})}
	s.store.CreateContainer("files")
	var blocks strings.Builder
	for name, url := range map[string]string{"udp": "udp://" + server.udp, "tcp": "tcp://" + server.tcp, "socket": "unix://" + server.socket} {
		fmt.Fprintf(&blocks, "access_log %q {\n format = \"json\"\n syslog {\n server = %s\n facility = \"local3\"\n}\n}\n", name, config.Quote(url))
	}
	s.gateway = launch.Serve(t, launch.Config{
		Store: launch.Stub(s.store.URL(), "files"), FTP: &launch.FTP{},
		Tenants: []launch.Tenant{{Name: "contoso", Users: []launch.User{{Name: "camera 02", Hash: launch.Hash(t, "right")}}}},
		Grace:   "1s", More: "node {\n name = \"node-1\"\n}\n" + blocks.String(),
	})
	s.succeeds("-T", "-", "ftp://"+s.gateway.Addr("ftp.public")+"/a.txt")
	s.gateway.Stop()
	received := func(prefix string) bool {
		text, _ := os.ReadFile(server.file)
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, prefix) && strings.Contains(line, `{"time":`) && strings.Contains(line, `"path":"/a.txt"`) && strings.HasSuffix(line, "}\n") {
				return true
			}
		}
		return false
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	server.await(t, func() bool {
		return received("imudp local3.info tidegate access_log.udp node-1 ") && received("imptcp local3.info tidegate access_log.tcp node-1 ") &&
			received("imuxsock local3.info tidegate - "+host)
	})
}
