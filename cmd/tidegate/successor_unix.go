//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/frontends/listen"
)

// The environment of a process that got sockets. The last variable has the number of the
// process that is replaced, the others are those of systemd.
const (
	envListenPID   = "LISTEN_PID"
	envListenFDs   = "LISTEN_FDS"
	envListenNames = "LISTEN_FDNAMES"
	envWatchdogPID = "WATCHDOG_PID"
	envPredecessor = "TIDEGATE_PREDECESSOR"
)

// inheritSockets returns the sockets that systemd, or the process that this one replaces, has
// passed on. ready is the pipe on which the replaced process waits for a byte, nil when this
// process replaces none.
func inheritSockets() (sockets *listen.Sockets, ready *os.File, err error) {
	predecessor, own := os.Getenv(envPredecessor), strconv.Itoa(os.Getpid())
	if err := os.Unsetenv(envPredecessor); err != nil {
		return nil, nil, err
	}
	if predecessor == "" || predecessor != strconv.Itoa(os.Getppid()) {
		sockets, err = listen.Inherit(activation.Files(true))
		return sockets, nil, err
	}
	// The process that set the other variables could not know this one's number.
	for _, name := range []string{envListenPID, envWatchdogPID} {
		if err := os.Setenv(name, own); err != nil {
			return nil, nil, err
		}
	}
	return listen.Succeed(activation.Files(true))
}

// replacer starts another process in the place of this one, with its sockets, when it gets
// SIGUSR2. When the other one serves, this one ends as at a stop.
type replacer struct {
	log     *slog.Logger
	sockets *listen.Sockets
	manager *manager
	// program is the file of the program as the command line names it: a new one may have
	// taken its place.
	program string
	signals chan os.Signal
	over    chan struct{}
	running sync.WaitGroup
}

// newReplacer keeps SIGUSR2 from ending the process until release. A signal before the call of
// follow is kept for it.
func newReplacer(log *slog.Logger, sockets *listen.Sockets, m *manager) *replacer {
	r := &replacer{log: log, sockets: sockets, manager: m, program: os.Args[0], signals: make(chan os.Signal, 1), over: make(chan struct{})}
	if found, err := exec.LookPath(r.program); err == nil {
		r.program = found
	}
	if absolute, err := filepath.Abs(r.program); err == nil {
		r.program = absolute
	}
	signal.Notify(r.signals, syscall.SIGUSR2)
	return r
}

// follow lets the signal replace this process, which runs g.
func (r *replacer) follow(g *gateway.Gateway) {
	r.running.Go(func() {
		for {
			select {
			case <-r.over:
				return
			case <-r.signals:
			}
			next, err := r.start(g.Stopping())
			switch {
			case errors.Is(err, errStopping):
				r.log.Warn("no new process, this one is stopping")
				return
			case err != nil:
				r.log.Error("no new process, this one continues", "err", err)
				continue
			}
			g.Leave()
			r.watch(next)
			return
		}
	})
}

// release ends what follow has begun. The other process runs on.
func (r *replacer) release() {
	signal.Stop(r.signals)
	close(r.over)
	r.running.Wait()
}

// readyTime is how long a new process may take until it serves.
const readyTime = 2 * time.Minute

var errStopping = errors.New("this process is stopping")

// start starts another process, and returns when it serves. A process that is stopping is not
// replaced: the other one would serve on.
func (r *replacer) start(stopping <-chan struct{}) (*listen.Successor, error) {
	if os.Getpid() == 1 {
		return nil, errors.New("the first process of a container cannot be replaced: start another container")
	}
	if isClosed(stopping) {
		return nil, errStopping
	}
	next, err := r.sockets.Successor()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(r.program, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = next.Files
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "LISTEN_") })
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", envListenFDs, len(next.Files)), envListenNames+"="+strings.Join(next.Names, ":"),
		fmt.Sprintf("%s=%d", envPredecessor, os.Getpid()))
	if err := cmd.Start(); err != nil {
		next.Close()
		return nil, err
	}
	next.Started()
	if err := r.awaitReady(next.Ready, stopping); err != nil {
		_ = cmd.Process.Kill() // it may have ended
		if ended := cmd.Wait(); ended != nil {
			err = fmt.Errorf("%w: %w", err, ended)
		}
		next.Close()
		return nil, err
	}
	r.log.Info("replaced by a new process", "pid_of_new", cmd.Process.Pid)
	r.manager.replaced(cmd.Process.Pid)
	next.HandOver()
	return next, cmd.Process.Release()
}

// awaitReady waits for the byte of a process that serves, unless this one is stopping.
func (r *replacer) awaitReady(ready *os.File, stopping <-chan struct{}) error {
	if err := ready.SetReadDeadline(time.Now().Add(readyTime)); err != nil {
		return err
	}
	stop := make(chan struct{})
	var interrupter sync.WaitGroup
	defer interrupter.Wait()
	defer close(stop)
	interrupter.Go(func() {
		select {
		case <-r.over:
			_ = ready.SetReadDeadline(time.Now())
		case <-stopping:
			_ = ready.SetReadDeadline(time.Now())
		case <-stop:
		}
	})
	switch _, err := ready.Read(make([]byte, 1)); {
	case isClosed(stopping):
		return errStopping
	case errors.Is(err, io.EOF):
		return errors.New("the new process has ended")
	case err != nil:
		return fmt.Errorf("the new process does not serve: %w", err)
	}
	return ready.SetReadDeadline(time.Time{})
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// watch reports when the other process ends before this one.
func (r *replacer) watch(next *listen.Successor) {
	defer next.Close()
	var reader sync.WaitGroup
	defer reader.Wait()
	ended := make(chan struct{})
	reader.Go(func() {
		if _, err := io.Copy(io.Discard, next.Ready); err == nil {
			close(ended)
		}
	})
	select {
	case <-ended:
		r.log.Error("the new process has ended, no process serves")
	case <-r.over:
		_ = next.Ready.Close()
	}
}
