package ftp

import (
	"io"
	"net"
	"syscall"
	"testing"
)

// TestReadIsAcknowledgedAtOnce reads from a connection that has come to hold
// acknowledgements back, because both sides speak in turn.
func TestReadIsAcknowledgedAtOnce(t *testing.T) {
	client, server := sockets(t)
	buf := make([]byte, 64)
	say := func(from, to net.Conn) {
		t.Helper()
		if _, err := io.WriteString(from, "word"); err != nil {
			t.Fatal(err)
		}
		if _, err := to.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	for turn := 0; hurried(t, server); turn++ {
		if turn == 100 {
			t.Fatal("the connection does not hold acknowledgements back")
		}
		say(client, server)
		say(server, client)
	}
	say(client, watch(server))
	if !hurried(t, server) {
		t.Error("the acknowledgement of what was read is held back")
	}
}

// hurried reports whether the system acknowledges at once.
func hurried(t *testing.T, c net.Conn) bool {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var on int
	var failed error
	err = raw.Control(func(fd uintptr) {
		on, failed = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK)
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return on != 0
}
