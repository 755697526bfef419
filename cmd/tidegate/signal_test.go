//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// asMain makes this test binary run as the program.
const asMain = "TIDEGATE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a run of the program in a process of its own.
type process struct {
	*exec.Cmd
	stdout, stderr *output
	ended          chan error
}

func startDev(t *testing.T) *process {
	t.Helper()
	return startProcess(t, "dev", "-listen", "127.0.0.1:0", "-state", t.TempDir(), t.TempDir())
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{
		Cmd:    exec.CommandContext(t.Context(), os.Args[0], args...),
		stdout: newOutput(), stderr: newOutput(), ended: make(chan error, 1),
	}
	p.Env = append(os.Environ(), asMain+"=1")
	p.Stdout, p.Stderr = p.stdout, p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		err := p.Wait()
		p.stdout.close()
		p.stderr.close()
		p.ended <- err
	}()
	return p
}

func TestFirstSignalStopsGracefully(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			p := startDev(t)
			p.stderr.find(t, `msg=ready`)
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			p.stderr.find(t, `msg=stopped`)
			if err := <-p.ended; err != nil {
				t.Errorf("the program ended with %v, want exit status 0", err)
			}
		})
	}
}

// A graceful stop waits for a running transfer; a second signal does not.
func TestSecondSignalExitsAtOnce(t *testing.T) {
	p := startDev(t)
	login := p.stdout.find(t, `ftp://dev:(\w+)@([0-9.:]+)/`)
	p.stderr.find(t, `msg=ready`)
	c, err := ftpclient.Dial(t.Context(), login[2], ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("dev", login[1]); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR file", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer upload.Close()
	if _, err := upload.Write([]byte("not yet all")); err != nil {
		t.Fatal(err)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.stderr.find(t, `msg=stopping`)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-p.ended; !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		log, _, _ := p.stderr.now()
		t.Errorf("the program ended with %v, want to be ended by the signal:\n%s", err, log)
	}
	if log, _, _ := p.stderr.now(); !strings.Contains(log, `msg="ended by a second signal"`) || !strings.Contains(log, `signal=terminated sessions=1 transfers=1 aborted="[dev/dev write /file]"`) {
		t.Errorf("no line says what was cut:\n%s", log)
	}
}

// startWithBlockedLog starts a process whose log nobody reads any more once it is ready, and
// returns the address of its FTP.
func startWithBlockedLog(t *testing.T) (p *process, addr string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p = &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], "serve", serveConfig(t, "")), ended: make(chan error, 1)}
	p.Env, p.Stderr = append(os.Environ(), asMain+"=1"), w
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	for lines := bufio.NewScanner(r); lines.Scan() && !strings.Contains(lines.Text(), `"msg":"ready"`); {
		if found := regexp.MustCompile(`"frontend":"ftp.public","addr":"([^"]*)"`).FindStringSubmatch(lines.Text()); found != nil {
			addr = found[1]
		}
	}
	// The process and the test share the pipe. Once it is full, a write of either blocks.
	begun, filled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(filled)
		_, _ = w.Write(make([]byte, 4096))
		close(begun)
		_, _ = w.Write(make([]byte, 1<<20)) // more than a pipe takes, until r is closed
	}()
	<-begun
	t.Cleanup(func() {
		_ = r.Close()
		<-filled
		_ = w.Close()
	})
	return p, addr
}

// A log that nobody reads keeps neither clients nor the stop.
func TestBlockedLog(t *testing.T) {
	p, addr := startWithBlockedLog(t)
	for n := range 3 {
		c := logIn(t, addr)
		if err := c.Put(fmt.Sprint("file", n), strings.NewReader("content")); err != nil {
			t.Error(err)
		}
		if err := c.Quit(); err != nil {
			t.Error(err)
		}
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

// A log that nobody reads does not keep the process when a second signal has come.
func TestSecondSignalWithBlockedLog(t *testing.T) {
	p, addr := startWithBlockedLog(t)
	upload, err := logIn(t, addr).Transfer("STOR file", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer upload.Close()
	again := time.NewTicker(100 * time.Millisecond) // two signals at once may be one
	defer again.Stop()
	for ended := false; !ended; {
		if err := p.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		select {
		case <-again.C:
		case err := <-p.ended:
			ended = true
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
				t.Errorf("the program ended with %v, want to be ended by the signal", err)
			}
		}
	}
}

func logIn(t *testing.T, addr string) *ftpclient.Conn {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
	if err == nil {
		t.Cleanup(c.Close)
		err = c.Login("upload", "correct horse")
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// SIGHUP reloads the configuration, without an effect on running transfers. A wrong
// configuration changes nothing. A log without a reader, which causes SIGPIPE, has no
// effect either.
func TestHangupReloads(t *testing.T) {
	dir := serveConfig(t, "")
	file := filepath.Join(dir, "tidegate.hcl")
	p := startProcess(t, "serve", dir)
	addr := p.stderr.find(t, `"msg":"listening",.*"frontend":"ftp.public","addr":"([^"]*)"`)[1]
	p.stderr.find(t, `"msg":"ready"`)
	dial := func() *ftpclient.Conn {
		t.Helper()
		c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	c := dial()
	if err := c.Login("upload", "correct horse"); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR file", 0)
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(good), "password_hash", "pasword_hash", 1)
	renamed := strings.Replace(string(good), `user "upload"`, `user "renamed"`, 1) + "\nlog { level = \"debug\" }\n"
	for _, step := range []struct{ config, half, line string }{
		{bad, "first", `"level":"ERROR","msg":"reload refused, the configuration stays as it was",.*"problems":1`},
		{renamed, "second", `"level":"INFO","msg":"configuration reloaded",.*"changed":"users \+1 -1 ~0, log level"`},
	} {
		if _, err := upload.Write([]byte(step.half)); err != nil {
			t.Fatal(err)
		}
		write(t, file, step.config)
		for _, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGPIPE} {
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
		p.stderr.find(t, step.line)
	}
	p.stderr.find(t, `"level":"ERROR","msg":"configuration problem",.*pasword_hash.*"at":"[^"]*tidegate.hcl:\d+:\d+"`)
	if err := upload.Finish(); err != nil {
		t.Errorf("the upload: %v", err)
	}
	// Its user was removed, so the session ends after the upload.
	if reply, err := c.Receive(); err != nil || reply.Code != 421 {
		t.Errorf("after the upload comes %v, %v, want 421", reply, err)
	}
	if err := dial().Login("upload", "correct horse"); ftpclient.CodeOf(err) != 530 {
		t.Errorf("a user that was removed logs in: %v", err)
	}
	c = dial()
	if err := c.Login("renamed", "correct horse"); err != nil {
		t.Errorf("a new user: %v", err)
	}
	p.stderr.find(t, `"level":"DEBUG","msg":"session started"`)
	var got strings.Builder
	if _, err := c.Get("file", 0, &got); err != nil || got.String() != "firstsecond" {
		t.Errorf("stored: %q, %v", got.String(), err)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("the program ended with %v, want exit status 0", err)
	}
}

// A configuration that is not there any more changes nothing either.
func TestHangupWithoutConfiguration(t *testing.T) {
	dir := serveConfig(t, "")
	p := startProcess(t, "serve", dir)
	p.stderr.find(t, `"msg":"ready"`)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.stderr.find(t, `"level":"ERROR","msg":"reload refused, the configuration stays as it was"`)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("the program ended with %v, want exit status 0", err)
	}
}
