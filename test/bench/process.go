package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
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
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended, once it has

	mu sync.Mutex
	// addresses are where its frontends listen.
	addresses map[string]string
	// cipher is that of the SSH connection that logged in last.
	cipher string
	tail   []string // the last lines that it printed
}

// start starts a server and waits until it says in its log where each of these
// frontends listens: frontend=… addr=….
func start(ctx context.Context, cmd *exec.Cmd, frontends ...string) (*process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{}), addresses: map[string]string{}}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	listening := make(chan struct{})
	go func() {
		defer close(p.ended)
		p.read(r, sync.OnceFunc(func() { close(listening) }), frontends)
		p.err = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-listening:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended: %w: %s", cmd.Path, p.err, p.said())
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), p.stop())
	}
}

// read follows the log, and calls listening when all frontends are.
func (p *process) read(r io.ReadCloser, listening func(), frontends []string) {
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		p.note(lines.Text())
		if !slices.ContainsFunc(frontends, func(f string) bool { return p.address(f) == "" }) {
			listening()
		}
	}
	// A line too long ends the scanner, and must not block the process.
	_, _ = io.Copy(io.Discard, r)
}

// note takes what the rows need to know from a line of the log.
func (p *process) note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if frontend, ok := logged(line, "frontend"); ok {
		if addr, ok := logged(line, "addr"); ok {
			p.addresses[frontend] = addr
		}
	}
	if cipher, ok := logged(line, "cipher"); ok {
		p.cipher = cipher
	}
	const most = 5
	p.tail = append(p.tail[max(0, len(p.tail)-most+1):], line)
}

// logged returns the value of a key in a line of the log, where it has no
// blanks.
func logged(line, key string) (string, bool) {
	_, rest, ok := strings.Cut(line, " "+key+"=")
	value, _, _ := strings.Cut(rest, " ")
	return value, ok
}

// address is where a frontend listens, "" when it does not.
func (p *process) address(frontend string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addresses[frontend]
}

// negotiated is the cipher of the SSH connection that logged in last, "" when
// none has.
func (p *process) negotiated() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cipher
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
