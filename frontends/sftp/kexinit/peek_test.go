package kexinit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/kexinit"
)

const serverVersion = "SSH-2.0-Server"

// ciphers are the client's, in an order that is not the library's.
var ciphers = []string{ssh.CipherAES192CTR, ssh.CipherAES256GCM}

// connect returns the two ends of a connection.
func connect(t *testing.T) (server, client net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, client
}

func serverConfig(t *testing.T) *ssh.ServerConfig {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	c := &ssh.ServerConfig{NoClientAuth: true, ServerVersion: serverVersion}
	c.AddHostKey(signer)
	return c
}

// byteByByte is a client's connection that sends one byte at a time.
type byteByByte struct{ net.Conn }

func (c byteByByte) Write(p []byte) (int, error) {
	for i := range p {
		if n, err := c.Conn.Write(p[i : i+1]); err != nil {
			return i + n, err
		}
	}
	return len(p), nil
}

// waiting is a client's connection that sends the identification and a little
// more, but the rest only when the server has sent more than that.
type waiting struct {
	net.Conn
	before int

	mu        sync.Mutex
	got, sent int
	heard     chan struct{}
}

func (c *waiting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.got <= len(serverVersion)+2 && c.got+n > len(serverVersion)+2 || err != nil {
		select {
		case <-c.heard:
		default:
			close(c.heard)
		}
	}
	c.got += n
	return n, err
}

func (c *waiting) Write(p []byte) (int, error) {
	first := c.sent == 0
	c.sent += len(p)
	if first {
		return c.Conn.Write(p)
	}
	now := min(c.before, len(p))
	c.before = 0
	if n, err := c.Conn.Write(p[:now]); err != nil {
		return n, err
	}
	<-c.heard
	n, err := c.Conn.Write(p[now:])
	return now + n, err
}

// Whatever the manners of a client, the library gets to its login.
func TestPeek(t *testing.T) {
	waits := func(before int) func(net.Conn) net.Conn {
		return func(c net.Conn) net.Conn { return &waiting{Conn: c, before: before, heard: make(chan struct{})} }
	}
	const long, short = time.Minute, 50 * time.Millisecond
	tests := []struct {
		name    string
		manners func(net.Conn) net.Conn
		wait    time.Duration
		offers  bool
	}{
		{"at once", func(c net.Conn) net.Conn { return c }, long, true},
		{"byte by byte", func(c net.Conn) net.Conn { return byteByByte{c} }, long, true},
		{"after the server", waits(0), short, false},
		{"half of it after the server", waits(100), short, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, client := connect(t)
			config := serverConfig(t)
			type login struct {
				conn  *ssh.ServerConn
				offer kexinit.Offer
				err   error
			}
			logins := make(chan login, 1)
			go func() {
				_ = server.SetReadDeadline(time.Now().Add(test.wait))
				c, offer := kexinit.Peek(server, serverVersion)
				_ = server.SetReadDeadline(time.Time{})
				sc, _, _, err := ssh.NewServerConn(c, config)
				logins <- login{sc, offer, err}
			}()
			cc, _, _, err := ssh.NewClientConn(test.manners(client), "", &ssh.ClientConfig{
				Config:          ssh.Config{Ciphers: ciphers},
				HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
			})
			if err != nil {
				_ = client.Close()
				t.Fatalf("client: %v, server: %v", err, (<-logins).err)
			}
			l := <-logins
			if l.err != nil {
				t.Fatal(l.err)
			}
			var want kexinit.Offer
			if test.offers {
				want = kexinit.Offer{ClientToServer: ciphers, ServerToClient: ciphers}
			}
			if diff := cmp.Diff(l.offer, want); diff != "" {
				t.Error(diff)
			}
			if !bytes.Equal(l.conn.SessionID(), cc.SessionID()) {
				t.Error("the two ends do not agree on what was said")
			}
		})
	}
}

// Every byte of a client is there to be read afterwards, and the client gets one
// identification.
func TestNothingIsLost(t *testing.T) {
	for _, said := range []string{"", "S", "garbage\n", "SSH-2.0-c\r\n\x00\x00\x00\x05\x04\x14rest and more"} {
		server, client := connect(t)
		if _, err := io.WriteString(client, said); err != nil {
			t.Fatal(err)
		}
		if err := client.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		c, offer := kexinit.Peek(server, serverVersion)
		if offer.ClientToServer != nil || offer.ServerToClient != nil {
			t.Errorf("%q offers %v", said, offer)
		}
		for _, p := range []string{serverVersion + "\r\n", "more"} {
			if n, err := io.WriteString(c, p); err != nil || n != len(p) {
				t.Errorf("%q: wrote %d bytes: %v", said, n, err)
			}
		}
		if got, err := io.ReadAll(c); err != nil || string(got) != said {
			t.Errorf("read %q, %v, want %q", got, err, said)
		}
		_ = server.Close()
		if got, err := io.ReadAll(client); err != nil || string(got) != serverVersion+"\r\nmore" {
			t.Errorf("%q: the client got %q, %v", said, got, err)
		}
	}
}

func TestAnotherIdentification(t *testing.T) {
	server, client := connect(t)
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	c, _ := kexinit.Peek(server, serverVersion)
	if _, err := io.WriteString(c, "SSH-2.0-Other\r\n"); err == nil {
		t.Error("the server has two identifications")
	}
}

// A client that never ends its line or its packet costs no more than one that does.
func TestPeekIsBounded(t *testing.T) {
	for _, start := range []string{"SSH-", "SSH-2.0-c\r\n\xff\xff\xff\xff", "SSH-2.0-c\r\n\x00\x00\x88\xb8"} {
		server, client := connect(t)
		fed := make(chan struct{})
		go func() {
			defer close(fed)
			b := slices.Concat([]byte(start), bytes.Repeat([]byte("x"), 1<<20))
			_, _ = client.Write(b) // ends with the connection
		}()
		c, offer := kexinit.Peek(server, serverVersion)
		if offer.ClientToServer != nil {
			t.Errorf("%q offers %v", start, offer)
		}
		_ = server.Close()
		<-fed
		// What was kept can still be read.
		kept, err := io.ReadAll(c)
		if err == nil || len(kept) > 80_000 {
			t.Errorf("%q: %d bytes were kept (%v)", start, len(kept), err)
		}
	}
}
