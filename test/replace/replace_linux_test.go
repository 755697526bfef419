package replace

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

// SIGUSR2 starts another process, which serves while the first one finishes its transfers. No
// client is refused, and none waits for those transfers. Operators see both.
func TestReplace(t *testing.T) {
	s := newService(t, "1m")
	s.environment = []string{"WATCHDOG_USEC=10000000"}
	p := s.start()
	l := startLoad(t, s)
	pid := p.PID()
	for range 3 {
		slow, upload := beginUpload(t, s, "slow")
		older := pid
		pid = s.replace(pid)
		s.wantOlder(pid, older, "write /slow ")
		// The next process serves all, also passive data connections, while the upload runs.
		before := l.done.Load()
		l.awaitMore(before + 6)
		finishUpload(t, slow, upload)
		s.awaitEnd(p)
	}
	l.stop()
	t.Logf("%d uploads, %d repeated", l.done.Load(), l.repeated.Load())
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.await(pid, "STOPPING=1")
	if err := p.Wait(); err != nil { // until the last of the processes has closed its output
		t.Errorf("the first process ended with %v", err)
	}
}

// A new process that does not start changes nothing.
func TestReplaceWithAWrongConfiguration(t *testing.T) {
	s := newService(t, "1m")
	p := s.start()
	good, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	signal := func() {
		t.Helper()
		if err := syscall.Kill(p.PID(), syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
	}
	signal()
	p.Find("the failed start", launch.Wrote("no new process, this one continues"))
	slow, upload := beginUpload(t, s, "after")
	if err := os.WriteFile(s.config, good, 0o600); err != nil {
		t.Fatal(err)
	}
	pid := s.replace(p.PID())
	finishUpload(t, slow, upload)
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the first process ended with %v", err)
	}
}

// A process that is stopped while a new one starts is not replaced: none is left.
func TestStopWhileReplaced(t *testing.T) {
	s := newService(t, "1m")
	p := s.start()
	slow, upload := beginUpload(t, s, "slow")
	// The new process waits for its host key.
	if err := os.Remove(s.key); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(s.key, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID(), syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	key, err := os.OpenFile(s.key, os.O_WRONLY, 0) // returns when the new process opens it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = key.Close() }()
	p.Terminate()
	p.Find("the end of the new process", launch.Wrote("no new process, this one is stopping"))
	finishUpload(t, slow, upload)
	if err := p.Wait(); err != nil { // until both have closed its output
		t.Errorf("the process ended with %v", err)
	}
}

// replace replaces a process and returns the next one, which serves then.
func (s *service) replace(pid int) int {
	s.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGUSR2); err != nil {
		s.t.Fatal(err)
	}
	const main = "MAINPID="
	text := s.await(pid, main)
	next, err := strconv.Atoi(strings.TrimPrefix(strings.Split(text, "\n")[0], main))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = syscall.Kill(next, syscall.SIGKILL) }) // it has ended, if the test passes
	return next
}

// wantOlder checks what operators see of a process and of the older one, which has something to
// finish yet.
func (s *service) wantOlder(pid, older int, left string) {
	s.t.Helper()
	var report struct {
		PID   int
		Older struct {
			PID, Transfers int
			Socket         string
		} `json:"older_process"`
	}
	text := s.ask("status", "-json", "-at", s.status)
	if err := json.Unmarshal([]byte(text), &report); err != nil || report.PID != pid || report.Older.PID != older || report.Older.Transfers == 0 {
		s.t.Fatalf("process %d has replaced %d, and the status is %s", pid, older, text)
	}
	if text := s.ask("sessions", "-at", "unix:"+report.Older.Socket); !strings.Contains(text, left) {
		s.t.Errorf("the sessions of the older process are\n%s", text)
	}
}

// awaitEnd waits until one more of the processes has ended, of which p was the first.
func (s *service) awaitEnd(p *launch.Process) {
	s.t.Helper()
	s.ended++
	p.Await("the end of the process that was replaced", func(lines []string) bool {
		n := 0
		for _, line := range lines {
			if launch.Wrote("stopped")(line) {
				n++
			}
		}
		return n >= s.ended
	})
}
