package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a process may take for anything that happens by itself,
// on a machine that does much else.
const Patience = 60 * time.Second

// Process is a program that runs, and what it prints.
type Process struct {
	t     testing.TB
	cmd   *exec.Cmd
	out   *output
	ended chan struct{}
	err   error // how it ended, once it has
}

// Start runs a command until the test is over at the latest.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	return StartIn(t, cmd, func(start func() error) error { return start() })
}

// StartIn is Start where something is to be done around the start itself: in
// calls start, once.
func StartIn(t testing.TB, cmd *exec.Cmd, in func(start func() error) error) *Process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, cmd: cmd, out: newOutput(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, w
	err = in(cmd.Start)
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.out.readFrom(r)
		p.err = cmd.Wait()
	}()
	t.Cleanup(p.Kill)
	return p
}

// Serve runs tidegate with args, and returns it and the address of its first
// listener. It ends the test when it does not get that far.
func Serve(t testing.TB, args ...string) (p *Process, addr string) {
	t.Helper()
	p = Start(t, Command(t, args...))
	var entry struct{ Msg, Addr string }
	p.Find("the address of its control port", func(line string) bool {
		return json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening"
	})
	return p, entry.Addr
}

// String returns the command and what it printed at last.
func (p *Process) String() string {
	return fmt.Sprintf("%s printed:\n%s", strings.Join(p.cmd.Args, " "), p.out)
}

// Kill is SIGKILL. It returns when the process has ended.
func (p *Process) Kill() {
	// An error means that it has ended by itself.
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Terminate is SIGTERM. It does not wait.
func (p *Process) Terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("%v: %v", p, err)
	}
}

// Wait waits for the end, and returns what [exec.Cmd.Wait] does. A process that
// does not end is a failure, and killed.
func (p *Process) Wait() error {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(Patience):
		p.Kill()
		p.t.Errorf("it does not end by itself: %v", p)
		return errors.New("killed")
	}
}

// Stop is SIGTERM, after which the process must end by itself, and in order.
func (p *Process) Stop() {
	p.t.Helper()
	p.Terminate()
	// The race detector ends a program that raced with status 66.
	if err := p.Wait(); err != nil {
		p.t.Errorf("after SIGTERM: %v\n%v", err, p)
	}
}

// Lines returns what the process has printed, the lines for which match is true.
func (p *Process) Lines(match func(line string) bool) []string {
	return p.out.find(match)
}

// Await waits until enough says so of the lines printed so far. It returns false
// when the process ended before; not in time is a failure too.
func (p *Process) Await(what string, enough func(lines []string) bool) bool {
	p.t.Helper()
	timeout := time.After(Patience)
	for {
		ok, more := p.out.check(enough)
		if ok {
			return true
		}
		select {
		case <-more:
		case <-p.ended:
			ok, _ = p.out.check(enough)
			return ok
		case <-timeout:
			p.t.Errorf("no sign of %s from %v", what, p)
			return false
		}
	}
}

// Find waits for the first line for which match is true, and returns it. It ends
// the test when none comes.
func (p *Process) Find(what string, match func(line string) bool) string {
	p.t.Helper()
	seen, found := 0, ""
	if !p.Await(what, func(lines []string) bool {
		for _, line := range lines[seen:] {
			if match(line) {
				found = line
				return true
			}
		}
		seen = len(lines)
		return false
	}) {
		p.t.Fatalf("no sign of %s from %v", what, p)
	}
	return found
}
