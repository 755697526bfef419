package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// Program is a running program with its output. Its methods may be called concurrently.
type Program struct {
	cmd   *exec.Cmd
	out   *output
	ended chan struct{}
	err   error // how it ended; to be read when ended is closed
}

// Run starts a command. The caller ends it.
func Run(cmd *exec.Cmd) (*Program, error) {
	return runIn(cmd, func(start func() error) error { return start() })
}

func runIn(cmd *exec.Cmd, in func(start func() error) error) (*Program, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &Program{cmd: cmd, out: newOutput(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, w
	err = in(cmd.Start)
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	go func() {
		defer close(p.ended)
		p.out.readFrom(r)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// String returns the command and the last lines that it printed.
func (p *Program) String() string {
	return fmt.Sprintf("%s printed:\n%s", strings.Join(p.cmd.Args, " "), p.out)
}

// PID returns the number of the process.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Kill sends SIGKILL and returns when the process has ended.
func (p *Program) Kill() {
	// An error means that it has ended by itself.
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Stop sends SIGTERM and waits for the end of the process, which it kills when
// that takes too long. The error is that of [exec.Cmd.Wait]: nil for exit status 0.
func (p *Program) Stop() error {
	// An error means that it has ended by itself, which Wait reports.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.wait()
}

func (p *Program) wait() error {
	select {
	case <-p.ended:
		if p.err != nil {
			return fmt.Errorf("%w\n%v", p.err, p)
		}
		return nil
	case <-time.After(patience.Limit()):
		p.Kill()
		return fmt.Errorf("killed: %w: %v", errLate, p)
	}
}

// Lines returns the lines printed so far for which match is true.
func (p *Program) Lines(match func(line string) bool) []string { return p.out.find(match) }

var (
	// errEnded: the process has ended before it printed enough.
	errEnded = errors.New("the process has ended")
	// errLate: it has not happened in time.
	errLate = errors.New("it takes too long")
)

// await waits until enough is true of the lines printed so far, at most for
// [patience.Limit].
func (p *Program) await(ctx context.Context, enough func(lines []string) bool) error {
	late := time.NewTimer(patience.Limit())
	defer late.Stop()
	for {
		ok, more := p.out.check(enough)
		if ok {
			return nil
		}
		select {
		case <-more:
		case <-p.ended:
			if ok, _ = p.out.check(enough); ok {
				return nil
			}
			return errEnded
		case <-late.C:
			return errLate
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// find waits for the first line for which match is true.
func (p *Program) find(ctx context.Context, what string, match func(line string) bool) (string, error) {
	seen, found := 0, ""
	err := p.await(ctx, func(lines []string) bool {
		for _, line := range lines[seen:] {
			if match(line) {
				found = line
				return true
			}
		}
		seen = len(lines)
		return false
	})
	if err != nil {
		return "", fmt.Errorf("no sign of %s: %w: %v", what, err, p)
	}
	return found, nil
}

// Addr waits until a frontend of tidegate listens and returns its address.
// frontend is its name in the log, "ftp.public", or its type, "ftp".
func (p *Program) Addr(ctx context.Context, frontend string) (string, error) {
	var entry struct{ Msg, Frontend, Addr string }
	_, err := p.find(ctx, "a listening "+frontend, func(line string) bool {
		return json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" &&
			(entry.Frontend == frontend || strings.HasPrefix(entry.Frontend, frontend+"."))
	})
	return entry.Addr, err
}

// Wrote reports whether a line of tidegate's log has this message.
func Wrote(msg string) func(line string) bool {
	quoted, err := json.Marshal(msg)
	if err != nil {
		panic(err)
	}
	part := `"msg":` + string(quoted)
	return func(line string) bool { return strings.Contains(line, part) }
}
