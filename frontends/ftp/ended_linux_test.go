package ftp

import (
	"net"
	"runtime"
	"testing"
)

// The end of a connection is known although bytes before it were not read, as a
// TLS alert is while nobody reads.
func TestEndedBehindUnreadBytes(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if _, err := client.Write([]byte("unread")); err != nil {
		t.Fatal(err)
	}
	if ended(server) {
		t.Fatal("an open connection has ended")
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	for !ended(server) {
		if t.Context().Err() != nil {
			t.Fatal("the end is not seen")
		}
		runtime.Gosched()
	}
}
