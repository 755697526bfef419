package listen

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Why a new process does not bind the ports beside the old one with SO_REUSEPORT: each gets
// connections that are for the other, and those in the queue of a socket that is closed are
// reset. See docs/decisions/replacing-a-process.md.
func TestReusePort(t *testing.T) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) }), err)
	}}
	lc.SetMultipathTCP(false)
	before, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	after, err := lc.Listen(t.Context(), "tcp", before.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	const clients = 64
	var all [clients]net.Conn
	for i := range all {
		if all[i], err = net.Dial("tcp", before.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer all[i].Close()
	}
	_ = before.Close()
	reset := 0
	for _, c := range all {
		// One that waits in the queue of the other socket gets nothing.
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, syscall.ECONNRESET) {
			reset++
		}
	}
	t.Logf("of %d connections %d were reset", clients, reset)
	if migrate, err := os.ReadFile("/proc/sys/net/ipv4/tcp_migrate_req"); err == nil && strings.TrimSpace(string(migrate)) != "0" {
		t.Skip("net.ipv4.tcp_migrate_req is on")
	}
	if reset == 0 || reset == clients {
		t.Error("want some: the kernel gives each socket its part of the connections")
	}
}
