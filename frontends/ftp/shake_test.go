package ftp_test

import (
	"crypto/tls"
	"net"
	"testing"
)

// shake makes a handshake and returns, as the server sees it, whether it resumed a session.
func shake(t *testing.T, server, client *tls.Config) (resumed bool, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		raw, errDial := net.Dial("tcp", l.Addr().String())
		if errDial != nil {
			return
		}
		defer func() { _ = raw.Close() }()
		// The ticket of TLS 1.3 comes with what is read behind the handshake.
		_, _ = tls.Client(raw, client).Read(make([]byte, 1))
	}()
	raw, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Server(raw, server)
	if err = c.Handshake(); err == nil {
		_, _ = c.Write([]byte{0})
	}
	_ = c.Close()
	<-done
	return c.ConnectionState().DidResume, err
}
