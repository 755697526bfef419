package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// commands is a flag that may be given several times.
type commands []string

func (c *commands) String() string { return strings.Join(*c, "; ") }

func (c *commands) Set(command string) error {
	*c = append(*c, command)
	return nil
}

// runBeside runs commands of a shell, one after the other, while go test runs. It prints what
// each of them says when it has ended, and returns what each took. A command that fails does
// not keep the next one from running.
func runBeside(ctx context.Context, all commands, w io.Writer) (costs []cost, err error) {
	for _, command := range all {
		cmd := exec.CommandContext(ctx, "sh", "-c", command)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		begin := time.Now()
		out, failed := cmd.CombinedOutput()
		c := cost{pkg: command, seconds: time.Since(begin).Seconds()}
		if cmd.ProcessState != nil {
			c.cpu = processors(cmd).Seconds()
		}
		costs = append(costs, c)
		result := "pass"
		if failed != nil {
			result = "fail"
			err = errors.Join(err, fmt.Errorf("%s: %w", command, failed))
		}
		fmt.Fprintf(w, "%s %s (%.1fs)\n%s", result, command, c.seconds, indent(endLine(string(out))))
	}
	return costs, err
}

// processors returns the time of processors that a command took which has ended, with that of all
// processes that were waited for below it.
func processors(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func endLine(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// wholeWrites keeps what is written in one call together.
type wholeWrites struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *wholeWrites) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}
