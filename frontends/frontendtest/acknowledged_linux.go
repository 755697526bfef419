package frontendtest

import (
	"io"
	"net"
	"syscall"
	"testing"
)

// WantAcknowledged makes a connection on which the system delays acknowledgements, because
// both sides have sent in turn. It fails the test unless the connection that wrap returns for
// the server's side acknowledges a word at once when it reads the word.
func WantAcknowledged(t *testing.T, wrap func(net.Conn) net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()

	for turn := 0; hurried(t, server); turn++ {
		if turn == 100 {
			t.Fatal("the connection does not hold acknowledgements back")
		}
		say(t, client, server)
		say(t, server, client)
	}
	say(t, client, wrap(server))
	if !hurried(t, server) {
		t.Error("the acknowledgement of what was read is held back")
	}
}

func say(t *testing.T, from, to net.Conn) {
	t.Helper()
	if _, err := io.WriteString(from, "word"); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
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
