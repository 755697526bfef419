package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program that runs in a namespace until the test ends it.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed at its end
	err   error         // how it ended, once it has
	log   *journal
}

// start runs a program with env in addition to the environment. The kernel ends
// it when the test's process ends without doing so.
func (n *namespace) start(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{}), log: newJournal()}
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = w, w
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = n.do(p.cmd.Start)
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.log.readFrom(r)
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s %s printed:\n%s", p.cmd, env, p.log)
		}
	})
	return p
}

// kill is SIGKILL. It returns when the process has ended.
func (p *process) kill() {
	// An error means that it has ended by itself.
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) terminate(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// wait waits for the end of the process, which must come in time and in order.
func (p *process) wait(t *testing.T, limit time.Duration) {
	t.Helper()
	select {
	case <-p.ended:
		if p.err != nil {
			t.Errorf("%s: %v", p.cmd, p.err)
		}
	case <-time.After(limit):
		p.kill()
		t.Errorf("%s does not end by itself within %v", p.cmd, limit)
	}
}

// journal holds the last lines that a process printed.
type journal struct {
	mu    sync.Mutex
	lines []string
	total int
	more  chan struct{} // closed and replaced with every line
	ended bool
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

// readFrom reads until the process and its children have ended.
func (j *journal) readFrom(r io.ReadCloser) {
	const keep = 400
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		j.mu.Lock()
		if line != "" {
			j.lines = append(j.lines, strings.TrimRight(line, "\n"))
			j.total++
			if len(j.lines) > 2*keep {
				j.lines = append(j.lines[:0], j.lines[keep:]...)
			}
		}
		j.ended = err != nil
		close(j.more)
		j.more = make(chan struct{})
		j.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := strings.Join(j.lines, "\n")
	if dropped := j.total - len(j.lines); dropped > 0 {
		text = fmt.Sprintf("(%d lines more)\n%s", dropped, text)
	}
	return text
}

var errEnded = errors.New("the process has ended")

// await waits for a line that contains text.
func (j *journal) await(text string, limit time.Duration) error {
	timeout := time.After(limit)
	for {
		j.mu.Lock()
		lines, more, ended := j.lines, j.more, j.ended
		for _, line := range lines {
			if strings.Contains(line, text) {
				j.mu.Unlock()
				return nil
			}
		}
		j.mu.Unlock()
		if ended {
			return errEnded
		}
		select {
		case <-more:
		case <-timeout:
			return fmt.Errorf("no line with %q within %v", text, limit)
		}
	}
}
