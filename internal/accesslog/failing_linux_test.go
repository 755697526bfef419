package accesslog

import (
	"bufio"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A full disk delays nobody. It is one line of the log, what does not fit into memory is
// counted, and once a file can be written again the lines that waited are in it.
func TestFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "access.log")
	if err := os.Symlink("/dev/full", file); err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "access_log.a", Format: W3C, File: file}
	s := setOf(t, o)
	const more = 5000
	s.load(t, 1, 1, nil)
	s.log.await(t, "access log cannot be written") // from now on all others wait
	begun := time.Now()
	s.load(t, 1, queued+more, nil)
	if d := time.Since(begun); d > 10*time.Second {
		t.Errorf("recording has waited: %v", d)
	}
	dropped := s.metrics.Sum("tidegate_events_dropped_total")
	if dropped == 0 || s.metrics.Gauge(failing, o.Name).Value() != 1 {
		t.Errorf("%v events are dropped, failing is %v", dropped, s.metrics.Gauge(failing, o.Name).Value())
	}
	if got := s.Status()[0]; got.Output != file || !strings.Contains(got.Err, "no space left on device") || got.Since.IsZero() || got.Waiting != queued || float64(got.Lost) != dropped {
		t.Errorf("the status is %+v", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.Reopen()
	s.log.await(t, "access log is written again")
	if got := s.Status()[0]; got.Err != "" || !got.Since.IsZero() {
		t.Errorf("the status of a log that works is %+v", got)
	}
	s.Close()
	text, err := os.ReadFile(file)
	if lines := strings.Count(string(text), " STOR "); err != nil || float64(lines) != 1+queued+more-dropped {
		t.Errorf("%d lines of %d, %v are dropped: %v", lines, 1+queued+more, dropped, err)
	}
	if n := s.log.count("access log cannot be written"); n != 1 || s.metrics.Gauge(failing, o.Name).Value() != 0 {
		t.Errorf("%d lines about the full disk, failing is %v", n, s.metrics.Gauge(failing, o.Name).Value())
	}
}

// A stop does not wait for a full disk, and says what is lost.
func TestCloseWithFullDisk(t *testing.T) {
	s := setOf(t, Options{Name: "access_log.a", Format: JSON, File: "/dev/full"})
	s.load(t, 1, 100, nil)
	s.Close()
	if s.log.count("access log could not be written, lines lost") != 1 || s.log.count("count=100") != 1 {
		t.Errorf("the log has %q", s.log.lines)
	}
}

// A disk that becomes full in the middle of a line, and has room again, breaks no line and
// loses none.
func TestDiskFullInLine(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("only root can mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	ballast, file := filepath.Join(dir, "ballast"), filepath.Join(dir, "access.log")
	if err := os.WriteFile(ballast, make([]byte, 96<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	s := setOf(t, Options{Name: "access_log.a", Format: W3C, File: file})
	const lines = 400 // about 50 KiB
	s.load(t, 1, lines, nil)
	s.log.await(t, "access log cannot be written")
	if text, err := os.ReadFile(file); err != nil || strings.HasSuffix(string(text), "\n") {
		t.Errorf("the disk was not full within a line: %.60q, %v", text[max(0, len(text)-60):], err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s.log.await(t, "access log is written again")
	s.Close()
	wantAll(t, 1, lines, file)
}

// A syslog server that is gone delays nobody, and gets the lines that waited when it is back.
func TestDeadSyslog(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "audit.a", Audit: true, Format: JSON, Syslog: Syslog{Network: "tcp", Address: l.Addr().String(), Facility: "authpriv"}}
	s := setOf(t, o)
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context(), numbered(0, 1))
	first, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(first, "<85>1 ") /* authpriv, notice; version 1 */ || !strings.Contains(first, ` tidegate `) || !strings.Contains(first, `"path":"/0-1"`) {
		t.Errorf("%q, %v", first, err)
	}
	if err := errors.Join(l.Close(), c.(*net.TCPConn).SetLinger(0), c.Close()); err != nil {
		t.Fatal(err)
	}
	// The first may get lost: TCP reports the end with the next.
	for n := 2; s.log.count("access log cannot be written") == 0; n++ {
		s.Record(t.Context(), numbered(0, n))
		select {
		case <-s.log.more:
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.Record(t.Context(), numbered(1, 1))
	l, err = net.Listen("tcp", o.Syslog.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for r := bufio.NewReader(c); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, `"path":"/1-1"`) {
			break
		}
	}
}
