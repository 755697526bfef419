package clients

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// password is everybody's.
const password = "correct horse"

const (
	// startTimeout is how long a server may take until it listens.
	startTimeout = 60 * time.Second
	// stopTimeout is how long it may take to end when nothing runs.
	stopTimeout = 30 * time.Second
)

// server is a running `tidegate serve`.
type server struct {
	addr string
	// ca is the file with its certificate.
	ca  string
	log *serverLog
}

// serve runs the program over st, with a tenant for each name: a user of that
// name, whose files lie in the directory of that name. The server is stopped with
// the test, and the test fails unless it ends as it should.
func serve(t *testing.T, st store, tenants []string) *server {
	t.Helper()
	dir := t.TempDir()
	cert, key := writeCertificate(t, dir)
	config := filepath.Join(dir, "tidegate.hcl")
	if err := os.WriteFile(config, []byte(configuration(t, st, tenants, cert, key)), 0o600); err != nil {
		t.Fatal(err)
	}
	log := start(t, "serve", config)
	return &server{addr: log.waitForAddr(t), ca: cert, log: log}
}

func configuration(t testing.TB, st store, tenants []string, cert, key string) string {
	t.Helper()
	hash := hashOf(t, password)
	var b strings.Builder
	b.WriteString(st.block())
	fmt.Fprintf(&b, `
frontend "ftp" "public" {
  listen = "127.0.0.1:0"
  passive {
    listen = "127.0.0.1:0"
  }
  tls {
    mode      = "optional"
    cert_file = %q
    key_file  = %q
  }
}

log {
  level  = "debug"
  format = "json"
}
`, cert, key)
	for _, name := range tenants {
		fmt.Fprintf(&b, `
tenant %q {
  mount "/" {
    backend = backend.%s.files
    path    = %q
  }
  user %q {
    password_hash = %q
  }
}
`, name, st.name(), name, name, hash)
	}
	return b.String()
}

// hashOf returns a hash that costs little.
func hashOf(t testing.TB, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// binary builds the program, once, with the race detector when the test has it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tidegate-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tidegate")
	args := []string{"build", "-o", path}
	if raceEnabled() {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "../../cmd/tidegate")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	// Scripts wait most of the time, and those of TestTogether for each other.
	if err := flag.Set("test.parallel", strconv.Itoa(2*ofEach*len(clients()))); err != nil {
		panic(err)
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func raceEnabled() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// start runs the program with args until the test ends.
func start(t *testing.T, args ...string) *serverLog {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	log := newServerLog()
	ended := make(chan error, 1)
	go func() {
		log.readFrom(r)
		ended <- cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			// The race detector ends a program that raced with status 66.
			if err != nil {
				t.Errorf("tidegate %s: %v\n%s", args[0], err, log.about(""))
			}
		case <-time.After(stopTimeout):
			err := errors.Join(cmd.Process.Kill(), <-ended)
			t.Errorf("tidegate %s does not end on SIGTERM: %v\n%s", args[0], err, log.about(""))
		}
	})
	return log
}

// serverLog holds what a server printed.
type serverLog struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed and replaced with every line
	ended bool
}

func newServerLog() *serverLog { return &serverLog{more: make(chan struct{})} }

// readFrom reads until the server has ended.
func (l *serverLog) readFrom(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		l.mu.Lock()
		if line != "" {
			l.lines = append(l.lines, strings.TrimRight(line, "\n"))
		}
		l.ended = err != nil
		close(l.more)
		l.more = make(chan struct{})
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// about returns the lines that contain s.
func (l *serverLog) about(s string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, line := range l.lines {
		if strings.Contains(line, s) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// wait returns the first line for which match does.
func (l *serverLog) wait(t *testing.T, what string, match func(line string) bool) string {
	t.Helper()
	timeout := time.After(startTimeout)
	for seen := 0; ; {
		l.mu.Lock()
		lines, more, ended := l.lines[seen:], l.more, l.ended
		seen = len(l.lines)
		l.mu.Unlock()
		for _, line := range lines {
			if match(line) {
				return line
			}
		}
		if ended {
			t.Fatalf("the server ended before it printed %s:\n%s", what, l.about(""))
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("the server does not print %s:\n%s", what, l.about(""))
		}
	}
}

// waitForAddr returns the address that a server says it listens on.
func (l *serverLog) waitForAddr(t *testing.T) string {
	t.Helper()
	var entry struct{ Addr string }
	l.wait(t, "the address of its control port", func(line string) bool {
		entry.Addr = ""
		return json.Unmarshal([]byte(line), &entry) == nil && entry.Addr != ""
	})
	return entry.Addr
}
