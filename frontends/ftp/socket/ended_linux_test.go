package socket

import (
	"net"
	"runtime"
	"testing"
)

// sockets returns the two ends of a TCP connection.
func sockets(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}

// The end of a connection is known although bytes before it were not read, as a
// TLS alert is while nobody reads.
func TestEndedBehindUnreadBytes(t *testing.T) {
	client, server := sockets(t)
	if _, err := client.Write([]byte("unread")); err != nil {
		t.Fatal(err)
	}
	if Ended(server) {
		t.Fatal("an open connection has ended")
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	for !Ended(server) {
		if t.Context().Err() != nil {
			t.Fatal("the end is not seen")
		}
		runtime.Gosched()
	}
}
