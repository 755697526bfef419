package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/azstub"
)

// build builds tidegate, with the race detector when the test has it.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tidegate")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				args = append(args, "-race")
			}
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", append(args, "../../cmd/tidegate")...).CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// configuration writes one for a server with a user for each client.
func configuration(t *testing.T, s *store, hash, grace string, users []string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `
backend "azblob" "files" {
  endpoint  = %q
  container = %q
  auth "shared_key" {
    key = %q
  }
}

frontend "ftp" "public" {
  listen = "127.0.0.1:0"
  passive {
    listen = "127.0.0.1:0"
  }
  tls {
    mode        = "optional"
    self_signed = true
  }
}

transfers {
  memory = "16MiB" # an eighth of it bounds blocks
  grace  = %q
}

log {
  level = "debug"
}

tenant "t" {
  mount "/" {
    backend = backend.azblob.files
  }
`, s.url, container, azstub.DevKey, grace)
	for _, u := range users {
		fmt.Fprintf(&b, "  user %q {\n    password_hash = %q\n  }\n", u, hash)
	}
	b.WriteString("}\n")
	path := filepath.Join(t.TempDir(), "tidegate.hcl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is a program that runs, and what it prints.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended, once it has

	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed and replaced with every line
}

// start runs a command until the test is over.
func start(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, ended: make(chan struct{}), more: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.readFrom(r)
		p.err = cmd.Wait()
	}()
	t.Cleanup(func() { p.kill() })
	return p
}

func (p *process) readFrom(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		if line != "" {
			p.lines = append(p.lines, strings.TrimRight(line, "\r\n"))
		}
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%s printed:\n%s", strings.Join(p.cmd.Args, " "), strings.Join(p.lines, "\n"))
}

// kill is SIGKILL. It returns when the process has ended.
func (p *process) kill() {
	// An error means that it has ended by itself.
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// terminate is SIGTERM. The process must end by itself, and in order.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("%v: %v", p, err)
	}
	if err := p.wait(); err != nil {
		p.t.Errorf("after SIGTERM: %v\n%v", err, p)
	}
}

// wait waits for the end.
func (p *process) wait() error {
	select {
	case <-p.ended:
		return p.err
	case <-time.After(patience):
		p.kill()
		p.t.Errorf("it does not end by itself: %v", p)
		return errors.New("killed")
	}
}

// await waits until enough says so of the lines printed so far. It returns
// false when the process ended before.
func (p *process) await(what string, enough func(lines []string) bool) bool {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		p.mu.Lock()
		ok, more := enough(p.lines), p.more
		p.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-more:
		case <-p.ended:
			p.mu.Lock()
			defer p.mu.Unlock()
			return enough(p.lines)
		case <-timeout:
			p.t.Errorf("no sign of %s from %v", what, p)
			return false
		}
	}
}

// serve starts tidegate and returns it with the address of its control port.
func serve(t *testing.T, program, config string) (*process, string) {
	t.Helper()
	p := start(t, exec.Command(program, "serve", config))
	var entry struct{ Msg, Addr string }
	listening := p.await("the control port", func(lines []string) bool {
		for _, line := range lines {
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
				return true
			}
		}
		return false
	})
	if !listening {
		t.Fatalf("tidegate does not start: %v", p)
	}
	return p, entry.Addr
}

// idle waits until all sessions of a user are over.
func (p *process) idle(user string) {
	p.t.Helper()
	p.await("the end of the sessions of "+user, func(lines []string) bool {
		open := 0
		for _, line := range lines {
			var entry struct{ Msg, User string }
			if !strings.Contains(line, user) || json.Unmarshal([]byte(line), &entry) != nil || entry.User != "t/"+user {
				continue
			}
			switch entry.Msg {
			case "logged in":
				open++
			case "session ends":
				open--
			}
		}
		return open == 0
	})
}
