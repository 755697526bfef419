package replace

import (
	"bytes"
	"os"
	"syscall"
	"testing"
)

// systemd hears that the process serves, how a reload has ended, that it works, and that it
// stops, for which it gets time.
func TestNotifications(t *testing.T) {
	s := newService(t, "3s")
	s.environment = []string{"WATCHDOG_USEC=100000"}
	p := s.start()
	s.await(p.PID(), "READY=1", "WATCHDOG=1", "WATCHDOG=1")
	hangup := func() {
		t.Helper()
		if err := syscall.Kill(p.PID(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangup()
	s.await(p.PID(), "READY=1", "RELOADING=1", "READY=1")
	good, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config, bytes.Replace(good, []byte("listen"), []byte("lisen"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	hangup()
	s.await(p.PID(), "RELOADING=1", "READY=1", "RELOADING=1", "STATUS=reload refused")
	p.Terminate()
	s.await(p.PID(), "STOPPING=1")
	// The grace period, what the process may need after it, and a little for the exit.
	s.await(p.PID(), "EXTEND_TIMEOUT_USEC=38000000")
	if err := p.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}
