package windows

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// limit is how long anything may take on a busy machine.
const limit = 2 * time.Minute

// machine is a Windows of Wine.
type machine struct {
	t *testing.T
	// prefix is its directory on Linux, with drive_c in it.
	prefix, program string
}

// startMachine starts a Windows, and ends it with the test.
func startMachine(t *testing.T) *machine {
	t.Helper()
	prefix, err := filepath.Abs("../../.build/wine")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, prefix: prefix}
	if err := os.MkdirAll(prefix, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.command("wineserver", "-k", "-w").Run() }) // it may have ended
	if _, err := os.Stat(m.c("windows/system32")); errors.Is(err, fs.ErrNotExist) {
		m.must("wineboot", "--init")
	}
	m.must("x86_64-w64-mingw32-gcc-win32", "-shared", "-O2", "-s", "-o", m.c("windows/system32/bcryptprimitives.dll"), "testdata/bcryptprimitives.c", "-ladvapi32")
	m.program = m.c("tidegate.exe")
	// go run keeps the linked program in Go's cache; here it is not run but copied.
	build := exec.Command("go", "run", "-exec", "cp", "./cmd/tidegate", m.program)
	build.Dir = "../.."
	build.Env = append(build.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	m.keepUp()
	// An earlier run may have been interrupted.
	_ = m.command("wine", m.program, "service", "remove").Run()
	return m
}

// keepUp keeps Windows running until reboot or the end of the test: a program that waits for
// its input. Without a program, Wine ends after a moment, and the next one starts Windows
// again, with the services that start by themselves.
func (m *machine) keepUp() {
	m.t.Helper()
	waiting := m.command("wine", "cmd")
	input, err := waiting.StdinPipe()
	if err == nil {
		err = waiting.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = input.Close()
		_ = waiting.Wait() // its status is that of Wine's end
	})
}

// reboot ends Windows, as without a shutdown, and starts it again.
func (m *machine) reboot() {
	m.t.Helper()
	m.must("wineserver", "-k", "-w")
	m.keepUp()
}

// c returns the path on Linux of a file on drive C.
func (m *machine) c(path string) string { return filepath.Join(m.prefix, "drive_c", path) }

// command returns a run of a program of Linux on the machine.
func (m *machine) command(name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 2*limit)
	m.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(cmd.Environ(), "WINEPREFIX="+m.prefix, "WINEARCH=win64", "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY=")
	return cmd
}

func (m *machine) must(name string, args ...string) {
	m.t.Helper()
	if out, err := m.command(name, args...).CombinedOutput(); err != nil {
		m.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// tidegate runs the program on the machine, and returns its output. Its exit status must be
// the one that is wanted.
func (m *machine) tidegate(status int, args ...string) string {
	m.t.Helper()
	begun := time.Now()
	text, got := m.run(args...)
	m.t.Logf("%v: tidegate %s: %d\n%s", time.Since(begun).Round(10*time.Millisecond), strings.Join(args, " "), got, text)
	if got != status {
		m.t.Fatalf("tidegate %q: exit status %d, want %d\n%s", args, got, status, text)
	}
	return text
}

// run runs the program on the machine, and returns its output and its exit status. The output
// is a file: a pipe would have no end before that of Windows, since Wine's own processes, and
// services that start with it, inherit it from the first program after a start.
func (m *machine) run(args ...string) (text string, status int) {
	m.t.Helper()
	out, err := os.CreateTemp(m.t.TempDir(), "output")
	if err != nil {
		m.t.Fatal(err)
	}
	defer out.Close()
	cmd := m.command("wine", append([]string{m.program}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	_ = cmd.Run() // the caller looks at the status
	content, err := os.ReadFile(out.Name())
	if err != nil {
		m.t.Fatal(err)
	}
	return string(content), cmd.ProcessState.ExitCode()
}

// says runs the program and looks for texts in its output.
func (m *machine) says(status int, args []string, texts ...string) {
	m.t.Helper()
	out := m.tidegate(status, args...)
	for _, text := range texts {
		if !strings.Contains(out, text) {
			m.t.Errorf("tidegate %q: no %q in\n%s", args, text, out)
		}
	}
}

// service runs a command of the service and looks for texts in its output.
func (m *machine) service(status int, verb string, texts ...string) {
	m.t.Helper()
	m.says(status, []string{"service", verb}, texts...)
}

// awaitService waits until the status of the service has a text.
func (m *machine) awaitService(text string) {
	m.t.Helper()
	for begun := time.Now(); time.Since(begun) < limit; {
		if out, _ := m.run("service", "status"); strings.Contains(out, text) {
			return
		}
	}
	m.t.Fatalf("the status of the service has no %q", text)
}

// write writes a file on drive C.
func (m *machine) write(path, content string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.c(path)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.c(path), []byte(content), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// read returns a file on drive C.
func (m *machine) read(path string) string {
	m.t.Helper()
	content, err := os.ReadFile(m.c(path))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(content)
}

// log waits for a text in the log of the service.
func (m *machine) log(text string) {
	m.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	over := time.After(limit)
	for {
		content, err := os.ReadFile(m.c(logFile))
		if err == nil && bytes.Contains(content, []byte(text)) {
			return
		}
		select {
		case <-ticker.C:
		case <-over:
			m.t.Fatalf("no %q in the log: %v\n%s", text, err, content)
		}
	}
}

// freePort returns a port that is free now, for a configuration.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// curl returns a run of curl with a user of the gateway.
func curl(ctx context.Context, user string, port int, path string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "curl", append([]string{"-sS", "--max-time", "60", fmt.Sprintf("ftp://%s:correct-horse@127.0.0.1:%d/%s", user, port, path)}, args...)...)
}

// hash returns the hash of a password.
func (m *machine) hash(password string) string {
	m.t.Helper()
	cmd := m.command("wine", m.program, "hash-password")
	cmd.Stdin = strings.NewReader(password + "\n")
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatal(err)
	}
	return string(out)
}

// uploading waits until the frontend for operators lists the upload of a file.
func (m *machine) uploading(name string, operators int) {
	m.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	over := time.After(limit)
	for {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/sessions", operators))
		if err != nil {
			m.t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil && bytes.Contains(text, []byte(name)) {
			return
		}
		select {
		case <-ticker.C:
		case <-over:
			m.t.Fatalf("no upload of %s: %v\n%s", name, err, text)
		}
	}
}
