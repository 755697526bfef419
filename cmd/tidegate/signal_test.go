//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
)

// asMain makes this test binary the program.
const asMain = "TIDEGATE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process starts the program with a directory to serve and returns it with its
// standard output and error.
func process(t *testing.T) (cmd *exec.Cmd, stdout, stderr *bufio.Reader) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0], "dev", "-listen", "127.0.0.1:0", "-passive", "127.0.0.1:0", t.TempDir())
	cmd.Env = append(os.Environ(), asMain+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out), bufio.NewReader(log)
}

func TestFirstSignalStopsGracefully(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			cmd, _, stderr := process(t)
			find(t, stderr, `msg=ready`)
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			find(t, stderr, `msg=stopped`)
			_, _ = io.Copy(io.Discard, stderr)
			if err := cmd.Wait(); err != nil {
				t.Errorf("the program ended with %v, want exit status 0", err)
			}
		})
	}
}

// A transfer that goes on keeps a graceful stop waiting; the second signal does
// not wait for it.
func TestSecondSignalExitsAtOnce(t *testing.T) {
	cmd, stdout, stderr := process(t)
	login := find(t, stdout, `ftp://dev:(\w+)@([0-9.:]+)/`)
	find(t, stderr, `msg=ready`)
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
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	find(t, stderr, `msg="stopping`)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stderr)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("the program ended with %v, want to be ended by the signal; its log went on with:\n%s", err, rest)
	}
}
