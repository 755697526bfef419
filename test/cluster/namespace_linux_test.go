package cluster

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/test/launch"
)

// namespace is a network namespace. It has no name: it lasts as long as the
// thread that made it and what was started or opened in it.
type namespace struct {
	// path is where other namespaces find it, for `ip link`.
	path string
	file *os.File
	// calls are run by the goroutine that owns the thread.
	calls chan func()
}

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	n := &namespace{calls: make(chan func())}
	made, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		// Never unlocked: the thread, changed as it is, ends with the goroutine.
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			n.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
			n.file, err = os.Open(n.path)
		}
		made <- err
		for call := range n.calls {
			call()
		}
	}()
	err := <-made
	t.Cleanup(func() {
		close(n.calls)
		<-ended
		if n.file != nil {
			_ = n.file.Close()
		}
	})
	if err != nil {
		t.Fatalf("network namespace: %v", err)
	}
	return n
}

// do runs f on a thread in the namespace that lasts as long as the test.
func (n *namespace) do(f func() error) error {
	done := make(chan error)
	n.calls <- func() { done <- f() }
	return <-done
}

// enter moves the calling goroutine into the namespace, for good.
func (n *namespace) enter() error {
	runtime.LockOSThread()
	return unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET)
}

// start starts a program in the namespace. The kernel ends it when the test's
// process ends without doing so.
func (n *namespace) start(t *testing.T, what string, cmd *exec.Cmd) *launch.Process {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p := launch.StartIn(t, cmd, n.do)
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s: %v", what, p)
		}
	})
	return p
}

// run runs a program to its end.
func (n *namespace) run(t *testing.T, stdin string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := n.do(cmd.Run); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, stdin, out.Bytes())
	}
}

// ip runs commands of iproute2.
func (n *namespace) ip(t *testing.T, commands ...string) {
	t.Helper()
	n.run(t, strings.Join(commands, "\n")+"\n", "ip", "-batch", "-")
}

// sysctl sets a parameter of the namespace's network: "ipv4/ip_forward".
func (n *namespace) sysctl(t *testing.T, name, value string) {
	t.Helper()
	err := n.do(func() error { return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// listen opens a TCP port in the namespace.
func (n *namespace) listen(ctx context.Context, addr string) (l net.Listener, err error) {
	var lc net.ListenConfig
	err = n.do(func() error {
		l, err = lc.Listen(ctx, "tcp4", addr)
		return err
	})
	return l, err
}
