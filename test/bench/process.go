package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long a process may take to start and to end.
const patience = time.Minute

// process is a server in a process of its own, which the end of its command's
// context kills.
type process struct {
	cmd     *exec.Cmd
	address string
	ended   chan struct{}
	err     error // how it ended, once it has

	mu   sync.Mutex
	tail []string // the last lines that it printed
}

// start starts a server and waits until it says where it listens: addr=… in its
// log.
func start(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	listening := make(chan string, 1)
	go func() {
		defer close(p.ended)
		p.read(r, listening)
		p.err = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case p.address = <-listening:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended: %w: %s", cmd.Path, p.err, p.said())
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), p.stop())
	}
}

func (p *process) read(r io.ReadCloser, listening chan<- string) {
	defer r.Close()
	addr := regexp.MustCompile(`\baddr=(\S+)`)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := addr.FindStringSubmatch(lines.Text()); m != nil {
			select {
			case listening <- m[1]:
			default:
			}
		}
		p.mu.Lock()
		const most = 5
		p.tail = append(p.tail[max(0, len(p.tail)-most+1):], lines.Text())
		p.mu.Unlock()
	}
	// A line too long ends the scanner, and must not block the process.
	_, _ = io.Copy(io.Discard, r)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.tail, "\n")
}

func (p *process) usage() (usage, error) { return usageOf(p.cmd.Process.Pid) }

// stop ends the process in order. One that does not end is killed.
func (p *process) stop() error {
	// It fails when the process has ended by itself, which Wait tells better.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", p.cmd.Path, p.err, p.said())
	}
	return nil
}
