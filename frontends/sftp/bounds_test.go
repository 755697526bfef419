package sftp_test

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// meter counts what a client receives, and reports when the server has cut it.
type meter struct {
	net.Conn
	received atomic.Int64
	end      sync.Once
	cut      chan struct{}
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.received.Add(int64(n))
	if err != nil {
		m.end.Do(func() { close(m.cut) })
	}
	return n, err
}

// try logs in to the end, whatever that is, and returns what was seen of it.
func (g *gate) try(t *testing.T, user string, methods func(cut <-chan struct{}) []ssh.AuthMethod) (received int64, err error) {
	t.Helper()
	raw, err := net.Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	m := &meter{Conn: raw, cut: make(chan struct{})}
	_ = raw.SetDeadline(time.Now().Add(patience.Limit()))
	c := clientConfig(user, methods(m.cut)...)
	conn, _, _, err := ssh.NewClientConn(m, g.addr, c)
	if err == nil {
		_ = conn.Close()
		t.Errorf("%s is logged in", user)
	}
	return m.received.Load(), err
}

// A client that agrees on keys and then says nothing is cut.
func TestSilentAfterTheKeys(t *testing.T) {
	g := startGate(t, func(o *sftp.Options) { o.LoginTimeout = patience.Scale(500 * time.Millisecond) })
	start := time.Now()
	asked := false
	_, err := g.try(t, "any", func(cut <-chan struct{}) []ssh.AuthMethod {
		return []ssh.AuthMethod{ssh.PasswordCallback(func() (string, error) {
			asked = true
			<-cut
			return "pw", nil
		})}
	})
	if !asked {
		t.Errorf("it did not come to the password: %v", err)
	}
	if took := time.Since(start); took > patience.Scale(15*time.Second) {
		t.Errorf("it was cut after %v", took)
	}
}

// Keys are tries too, however many a client has.
func TestManyKeys(t *testing.T) {
	var log lines
	g := startGate(t, func(o *sftp.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	keys := make([]ssh.Signer, 100)
	for i := range keys {
		keys[i] = newSigner(t)
	}
	keys[99] = g.key
	_, _ = g.try(t, "any", func(<-chan struct{}) []ssh.AuthMethod { return []ssh.AuthMethod{ssh.PublicKeys(keys...)} })
	if n := len(log.about("key refused")); n != 6 {
		t.Errorf("%d keys were looked at, want 6", n)
	}
}

// A client can see the length of what it is sent, and no more than that is to
// tell a user from nobody.
func TestNobodyLooksLikeSomebody(t *testing.T) {
	g := startGate(t, nil)
	other := newSigner(t)
	for _, test := range []struct {
		name    string
		methods []ssh.AuthMethod
	}{
		{"nothing", nil},
		{"wrong password", []ssh.AuthMethod{ssh.Password("wrong")}},
		{"wrong passwords", []ssh.AuthMethod{ssh.RetryableAuthMethod(ssh.Password("wrong"), 100)}},
		{"wrong answer", []ssh.AuthMethod{typed("wrong")}},
		{"other key", []ssh.AuthMethod{ssh.PublicKeys(other)}},
		{"other key, wrong password", []ssh.AuthMethod{ssh.PublicKeys(other), ssh.Password("wrong"), typed("wrong")}},
		{"other authority", []ssh.AuthMethod{ssh.PublicKeys(g.certified(t, other, other, nil))}},
		{"certificate of somebody else", []ssh.AuthMethod{ssh.PublicKeys(g.certified(t, g.ca, other, func(c *ssh.Certificate) {
			c.ValidPrincipals = []string{"x"}
		}))}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent := func(user string) int64 {
				n, err := g.try(t, user, func(<-chan struct{}) []ssh.AuthMethod { return test.methods })
				if _, ok := errors.AsType[*net.OpError](err); ok {
					t.Fatal(err)
				}
				return n
			}
			want := sent("nobod")
			for _, user := range []string{"any", "password", "key", "both", "fenced"} {
				if got := sent(user); got != want {
					t.Errorf("%s gets %d bytes, a user that is not there %d", user, got, want)
				}
			}
		})
	}
}
