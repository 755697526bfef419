package sftp_test

import (
	"net"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// A byte that was sent as TCP urgent data belongs to the stream: without it the
// next packet has no sound MAC, and the connection ends.
func TestUrgentDataStaysInTheStream(t *testing.T) {
	g := startGate(t, nil)
	raw, err := net.Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	c, channels, requests, err := ssh.NewClientConn(ftpclient.Urgent(raw), "", clientConfig("any", ssh.Password("pw")))
	if err != nil {
		t.Fatal(err)
	}
	if err := ssh.NewClient(c, channels, requests).Close(); err != nil {
		t.Error(err)
	}
}
