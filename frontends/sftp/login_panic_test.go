package sftp_test

import (
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/auth"
)

// broken is a Source whose first Authenticator panics.
type broken struct {
	auth.Source
	used atomic.Bool
}

func (b *broken) Acquire() (*auth.Authenticator, func()) {
	if !b.used.Swap(true) {
		return nil, func() {}
	}
	return b.Source.Acquire()
}

// TestPanicDuringLogin: a panic during a login ends that connection, and no other.
func TestPanicDuringLogin(t *testing.T) {
	g := startGate(t, func(o *sftp.Options) { o.Auth = &broken{Source: o.Auth} })
	dial := func() error {
		c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{
			User: "any", Auth: []ssh.AuthMethod{ssh.Password("pw")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		})
		if err == nil {
			err = c.Close()
		}
		return err
	}
	if err := dial(); err == nil {
		t.Error("the first login succeeds")
	}
	if err := dial(); err != nil {
		t.Errorf("the next login: %v", err)
	}
}
