//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// asMain makes this test binary the program.
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
	return startProcess(t, "dev", "-listen", "127.0.0.1:0", "-passive", "127.0.0.1:0",
		"-sftp", "127.0.0.1:0", "-host-key", filepath.Join(t.TempDir(), "key"), t.TempDir())
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

// A transfer that goes on keeps a graceful stop waiting; the second signal does
// not wait for it.
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
}

// SIGHUP, and a log that nobody reads any more, leave a server and what it is doing
// alone.
func TestHangupsChangeNothing(t *testing.T) {
	p := startProcess(t, "serve", serveConfig(t, ""))
	addr := p.stderr.find(t, `"msg":"listening",.*"frontend":"ftp.public","addr":"([^"]*)"`)[1]
	p.stderr.find(t, `"msg":"ready"`)
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("upload", "correct horse"); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR file", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range []string{"first", "second"} {
		if _, err := upload.Write([]byte(half)); err != nil {
			t.Fatal(err)
		}
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.stderr.find(t, `"level":"WARN","msg":"SIGHUP: reloading is not supported yet, nothing changed"`)
		if err := p.Process.Signal(syscall.SIGPIPE); err != nil {
			t.Fatal(err)
		}
	}
	if err := upload.Finish(); err != nil {
		t.Errorf("the upload: %v", err)
	}
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
