package launch

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/planted"
)

// Process is a Program of a test: it ends with the test at the latest, and its errors fail
// the test.
type Process struct {
	*Program
	t testing.TB
}

// Start runs a command until the test is over at the latest. What tidegate prints must not
// have a secret of package planted.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	return StartIn(t, cmd, func(start func() error) error { return start() })
}

// StartIn is Start for a process whose start needs a special context, such as a network
// namespace: in calls start, once.
func StartIn(t testing.TB, cmd *exec.Cmd, in func(start func() error) error) *Process {
	t.Helper()
	p, err := runIn(cmd, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		if filepath.Base(cmd.Path) != program {
			return
		}
		p.out.find(func(line string) bool {
			if name := planted.In(line); name != "" {
				t.Errorf("%s prints %s", cmd.Args[0], name)
			}
			return false
		})
	})
	return &Process{p, t}
}

// Serve runs tidegate with a configuration until the test is over at the latest.
func Serve(t testing.TB, c Config) *Process {
	t.Helper()
	return Start(t, Command(t, "serve", c.Write(t)))
}

// Addr is [Program.Addr]. It ends the test when the frontend does not listen.
func (p *Process) Addr(frontend string) string {
	p.t.Helper()
	addr, err := p.Program.Addr(context.Background(), frontend)
	if err != nil {
		p.t.Fatal(err)
	}
	return addr
}

// Terminate sends SIGTERM. It does not wait.
func (p *Process) Terminate() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("%v: %v", p, err)
	}
}

// Wait waits for the end. A process that does not end by itself is killed, which fails the
// test; the error is that of [Program.Stop].
func (p *Process) Wait() error {
	p.t.Helper()
	err := p.wait()
	if errors.Is(err, errLate) {
		p.t.Error(err)
	}
	return err
}

// Stop sends SIGTERM. The process must end by itself and with status 0.
func (p *Process) Stop() {
	p.t.Helper()
	// The race detector ends a program that raced with status 66.
	if err := p.Program.Stop(); err != nil {
		p.t.Errorf("after SIGTERM: %v", err)
	}
}

// Await waits until enough is true of the lines printed so far. It returns false
// when the process ended before; a timeout is a failure too.
func (p *Process) Await(what string, enough func(lines []string) bool) bool {
	p.t.Helper()
	err := p.await(context.Background(), enough)
	if err != nil && !errors.Is(err, errEnded) {
		p.t.Errorf("no sign of %s: %v: %v", what, err, p)
	}
	return err == nil
}

// Find waits for the first line for which match is true, and returns it. It ends
// the test when none comes.
func (p *Process) Find(what string, match func(line string) bool) string {
	p.t.Helper()
	line, err := p.find(context.Background(), what, match)
	if err != nil {
		p.t.Fatal(err)
	}
	return line
}
