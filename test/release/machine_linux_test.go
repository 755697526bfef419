package release

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// root is the directory of the repository.
const root = "../.."

// bootTime is how long Debian may take to boot.
const bootTime = time.Minute

// machine is a booted Debian.
type machine struct {
	t *testing.T
	// leader is the process ID of its systemd.
	leader int
}

// debian returns the directory of a Debian that can be booted. It is made when there is none.
func debian(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"debootstrap", "systemd-nspawn", "nsenter"} {
		find(t, program)
	}
	if os.Getuid() != 0 {
		t.Fatal("only root can boot a machine")
	}
	dir, err := filepath.Abs(filepath.Join(root, ".build", "debian"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	unfinished := dir + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		t.Fatal(err)
	}
	command(t, "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus", "bookworm", unfinished)
	if err := os.Rename(unfinished, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// boot boots a Debian, in which packages is the directory /packages. It is halted when the
// test ends.
func boot(t *testing.T, packages string) *machine {
	t.Helper()
	var console bytes.Buffer
	c := exec.Command("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", //nolint:gosec // directories of the test
		"--volatile=overlay", "--bind-ro="+packages+":/packages", "--directory="+debian(t), "--boot")
	c.Stdout, c.Stderr = &console, &console
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // it is killed
		close(ended)
	}()
	t.Cleanup(func() {
		// Without its first process the kernel ends everything in the process namespace.
		if leader := child(c.Process.Pid); leader != 0 {
			_ = syscall.Kill(leader, syscall.SIGKILL)
		}
		_ = c.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("console: %d bytes", console.Len())
		}
	})
	m := &machine{t: t}
	within(t, bootTime, "Debian has not booted", func() bool {
		if m.leader = child(c.Process.Pid); m.leader == 0 {
			return false
		}
		state, _ := m.try("systemctl", "is-system-running")
		return strings.Contains(state, "running") || strings.Contains(state, "degraded")
	})
	return m
}

// child returns the first child of a process, 0 for none.
func child(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.Atoi(first)
	return n
}

// try runs a command in the machine and returns what it prints.
func (m *machine) try(args ...string) (string, error) {
	return m.enter([]string{"-m", "-u", "-i", "-n", "-p"}, args...)
}

// run is try for a command that must succeed.
func (m *machine) run(args ...string) string {
	m.t.Helper()
	text, err := m.try(args...)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return text
}

// onNetwork runs a program of this machine on the network of the other one.
func (m *machine) onNetwork(args ...string) (string, error) { return m.enter([]string{"-n"}, args...) }

func (m *machine) enter(namespaces []string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	words := append([]string{"--target", strconv.Itoa(m.leader)}, namespaces...)
	text, err := exec.CommandContext(ctx, "nsenter", append(append(words, "--"), args...)...).CombinedOutput() //nolint:gosec // of the test
	return string(text), err
}

// write makes a file in the machine.
func (m *machine) write(name, text string) {
	m.t.Helper()
	path := filepath.Join("/proc", strconv.Itoa(m.leader), "root", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as a user would
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // as a user would
		m.t.Fatal(err)
	}
}

// find ends the test without a program.
func find(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%v; test/prepare installs it", err)
	}
}

// command runs a program that must succeed, and returns what it prints.
func command(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command(args[0], args[1:]...) //nolint:gosec // of the test
	c.Dir = root
	text, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return string(text)
}

// within waits until done, and fails the test when that takes longer than limit.
func within(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	deadline := time.After(limit)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatal(what)
		case <-again.C:
		}
	}
}
