package replace

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

const password = "right"

// service starts the program as systemd does: it holds the sockets, passes them on with their
// names, and receives notifications.
type service struct {
	t *testing.T
	// root has what is stored, config the configuration, knownHosts the host key for
	// OpenSSH.
	// key is the private key of the host and of the user.
	root, config, knownHosts, key string
	ftp, sftp                     string
	// status is the socket for operators, as they name it.
	status  string
	names   []string
	sockets []*os.File
	// notify is the socket for notifications, environment what else systemd passes on.
	notify      string
	environment []string
	notified    notifications
	// ended counts the processes that were replaced.
	ended int
}

func newService(t *testing.T, grace string) *service {
	t.Helper()
	s := &service{t: t, root: t.TempDir(), notified: notifications{more: make(chan struct{})}}
	key := filepath.Join(t.TempDir(), "host_key")
	s.key = key
	if err := sftp.EnsureHostKey(key); err != nil {
		t.Fatal(err)
	}
	s.ftp = s.open("ftp.public")
	data := s.open("ftp.public.passive")
	s.sftp = s.open("tidegate.socket")         // found by its address
	short, err := os.MkdirTemp("", "tidegate") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	s.status = "unix:" + filepath.Join(short, "s")
	s.config = launch.Config{
		Store: launch.Local(s.root), Grace: grace, More: fmt.Sprintf("frontend \"status\" \"operators\" { listen = %q }\n", s.status),
		FTP: &launch.FTP{Listen: s.ftp, DataListen: data}, SFTP: &launch.SFTP{Listen: s.sftp, HostKeyFiles: []string{key}},
		Tenants: []launch.Tenant{{Name: "acme", Users: []launch.User{{Name: "ann", Hash: launch.Hash(t, password), Keys: []string{publicKey(t, key)}}}}},
	}.Write(t)
	host, port, err := net.SplitHostPort(s.sftp)
	if err != nil {
		t.Fatal(err)
	}
	s.knownHosts = filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(s.knownHosts, fmt.Appendf(nil, "[%s]:%s %s", host, port, publicKey(t, key)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.listenForNotifications()
	return s
}

func publicKey(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(key.PublicKey()))
}

// open opens a listening socket and returns its address.
func (s *service) open(name string) string {
	s.t.Helper()
	l, err := listen.Config().Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = file.Close() })
	s.names, s.sockets = append(s.names, name), append(s.sockets, file)
	return l.Addr().String()
}

// start starts the program and waits until it is ready.
func (s *service) start() *launch.Process {
	s.t.Helper()
	cmd := launch.Command(s.t, "serve", s.config)
	// The number of the process, which is not known before it runs, belongs to the environment.
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$@"`, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.ExtraFiles = s.sockets
	cmd.Env = append(cmd.Environ(), fmt.Sprintf("LISTEN_FDS=%d", len(s.sockets)), "LISTEN_FDNAMES="+strings.Join(s.names, ":"), "NOTIFY_SOCKET="+s.notify)
	cmd.Env = append(cmd.Env, s.environment...)
	p := launch.Start(s.t, cmd)
	s.await(p.PID(), "READY=1")
	return p
}

// ask runs one of the commands for operators and returns what it prints.
func (s *service) ask(args ...string) string {
	s.t.Helper()
	out, err := launch.Command(s.t, args...).CombinedOutput()
	if err != nil {
		s.t.Errorf("tidegate %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// notifications are the messages to systemd, by the process that sent them.
type notifications struct {
	mu   sync.Mutex
	all  []notification
	more chan struct{} // closed and replaced with every message
}

type notification struct {
	pid  int
	text string
}

func (s *service) listenForNotifications() {
	s.t.Helper()
	s.notify = filepath.Join(s.t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.notify, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_PASSCRED, 1) }); err != nil {
		s.t.Fatal(err)
	}
	var receiver sync.WaitGroup
	s.t.Cleanup(receiver.Wait)
	s.t.Cleanup(func() { _ = c.Close() })
	receiver.Go(func() {
		text, control := make([]byte, 4096), make([]byte, 4096)
		for {
			n, m, _, _, err := c.ReadMsgUnix(text, control)
			if err != nil {
				return
			}
			s.notified.add(notification{sender(control[:m]), string(text[:n])})
		}
	})
}

// sender returns the process in the credentials of a message.
func sender(control []byte) int {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		if c, err := syscall.ParseUnixCredentials(&m); err == nil {
			return int(c.Pid)
		}
	}
	return 0
}

func (n *notifications) add(one notification) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, one)
	close(n.more)
	n.more = make(chan struct{})
}

// await waits until a process has sent lines, in this order, each in a message of its own, and
// returns the last of the messages.
func (s *service) await(pid int, lines ...string) string {
	s.t.Helper()
	late := time.After(patience.Limit())
	for {
		s.notified.mu.Lock()
		left, last := lines, ""
		for _, n := range s.notified.all {
			if n.pid == pid && len(left) > 0 && strings.Contains("\n"+n.text, "\n"+left[0]) {
				left, last = left[1:], n.text
			}
		}
		more := s.notified.more
		s.notified.mu.Unlock()
		if len(left) == 0 {
			return last
		}
		select {
		case <-more:
		case <-late:
			s.t.Fatalf("process %d has not sent %q", pid, left)
		}
	}
}
