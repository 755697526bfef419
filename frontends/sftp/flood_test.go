package sftp_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// stalling is a connection of a client that says so much and no more.
type stalling struct {
	net.Conn
	writes int
}

func (c *stalling) Write(b []byte) (int, error) {
	if c.writes--; c.writes < 0 {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// However many connections of one address have not logged in, and however far they
// went, a client of another address logs in.
func TestFloodOfOneAddress(t *testing.T) {
	for name, writes := range map[string]int{"silent": 0, "identified": 1, "with algorithms": 2, "with keys": 3} {
		t.Run(name, func(t *testing.T) {
			const most = 10
			g := startGate(t, func(o *sftp.Options) { o.MaxLogins = most })
			for range 3 * most {
				raw := g.dialFrom(t, "127.0.0.1", nil)
				go func() {
					_, _, _, err := ssh.NewClientConn(&stalling{raw, writes}, "", clientConfig("any", ssh.Password("pw")))
					if err == nil {
						t.Error("one of the flood is logged in")
					}
				}()
			}
			for range 3 {
				raw := g.dialFrom(t, "127.0.0.2", nil)
				c, channels, requests, err := ssh.NewClientConn(raw, "", clientConfig("any", ssh.Password("pw")))
				if err != nil {
					t.Fatalf("another address: %v", err)
				}
				go ssh.NewClient(c, channels, requests)
			}
		})
	}
}

// A client that says nothing is not waited for as long as one that logs in.
func TestGreetingTimeout(t *testing.T) {
	timeout := patience.Scale(time.Second)
	g := startGate(t, func(o *sftp.Options) { o.GreetingTimeout = timeout })
	for name, first := range map[string][]byte{"nothing": nil, "half a line": []byte("SSH-2.0"), "a line": []byte("SSH-2.0-Test\r\n")} {
		if _, err := io.ReadAll(g.dialFrom(t, "127.0.0.1", first)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection is still there", name)
		}
	}
	// It is the greeting's alone.
	waited := ssh.PasswordCallback(func() (string, error) {
		<-time.After(timeout * 3 / 2)
		return "pw", nil
	})
	c, err := ssh.Dial("tcp", g.addr, clientConfig("any", waited))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}
