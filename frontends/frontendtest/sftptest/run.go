package sftptest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"strings"
	"testing"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// Config tells Run about a server.
type Config struct {
	// Start, Backend, Refuses, Tree, Small, Slow, Names and Ambient are as in
	// frontendtest.Target.
	Start   func(t *testing.T, o frontendtest.ServerOptions) frontends.Server
	Backend func(t *testing.T) vfs.Backend
	Refuses func(name string) bool
	Tree    func(ctx context.Context) (map[string]string, error)
	Small   bool
	Slow    bool
	Names   bool
	Ambient []string
}

// Run runs the conformance suite with a password, and the part of it that
// depends on the login with a key and with a certificate:
// "password/transfer/sizes", "key/login/right".
func Run(t *testing.T, c Config) {
	t.Helper()
	t.Run("password", func(t *testing.T) {
		frontendtest.Run(t, c.target(func(l frontendtest.Login) ssh.AuthMethod { return ssh.Password(l.Password) }))
	})
	for name, row := range map[string]struct {
		prove func(frontendtest.Login) ssh.AuthMethod
		read  func(text string) ([]auth.Key, error)
	}{
		"key":         {func(l frontendtest.Login) ssh.AuthMethod { return ssh.PublicKeys(keyOf(t, l.Password)) }, auth.ParseKeys},
		"certificate": {func(l frontendtest.Login) ssh.AuthMethod { return ssh.PublicKeys(certified(t, l)) }, auth.ParseAuthorities},
	} {
		t.Run(name, func(t *testing.T) {
			target := c.target(row.prove)
			target.Account = func(a *auth.Account, password string) {
				keys, err := row.read(string(ssh.MarshalAuthorizedKey(keyOf(t, password).PublicKey())))
				if err != nil {
					t.Fatal(err)
				}
				a.Keys, a.Factors = keys, auth.KeyOnly
			}
			frontendtest.RunLogins(t, target)
		})
	}
}

// certified derives the key of an authority from the password, and returns a key
// with a certificate for the user that this authority has signed.
func certified(t *testing.T, l frontendtest.Login) ssh.Signer {
	t.Helper()
	key := keyOf(t, "the client's")
	c := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{l.User}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := c.SignCert(rand.Reader, keyOf(t, l.Password)); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(c, key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// Target returns a target whose users log in with their passwords.
func Target(c Config) frontendtest.Target {
	return c.target(func(l frontendtest.Login) ssh.AuthMethod { return ssh.Password(l.Password) })
}

func (c Config) target(prove func(frontendtest.Login) ssh.AuthMethod) frontendtest.Target {
	return frontendtest.Target{
		Backend: c.Backend,
		Start:   c.Start,
		Dial: func(ctx context.Context, addr string, l frontendtest.Login) (frontendtest.Client, error) {
			return dial(ctx, addr, l.User, prove(l))
		},
		Breaks:    breaks(),
		Codes:     codes,
		Unsayable: "",
		Refuses:   c.Refuses,
		Tree:      c.Tree,
		Small:     c.Small,
		Slow:      c.Slow,
		Names:     c.Names,
		Ambient:   c.Ambient,
	}
}

// keyOf derives the user's key from the password.
func keyOf(t *testing.T, password string) ssh.Signer {
	t.Helper()
	seed := sha256.Sum256([]byte(password))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// dial connects and logs in.
func dial(ctx context.Context, addr, user string, proof ssh.AuthMethod) (*client, error) {
	dialer := net.Dialer{Timeout: patience.Limit()}
	raw, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = raw.SetDeadline(time.Now().Add(patience.Limit()))
	conn, channels, requests, err := ssh.NewClientConn(raw, addr, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{proof}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	})
	if err != nil {
		_ = raw.Close()
		// The library has no type for it (RFC 4252, 5.1).
		if strings.Contains(err.Error(), "unable to authenticate") {
			return nil, &frontendtest.Error{Code: userauthFailure, Text: "login refused"}
		}
		return nil, err
	}
	_ = raw.SetDeadline(time.Time{})
	c := ssh.NewClient(conn, channels, requests)
	s, err := sftplib.NewClient(c)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = s.Wait()
		close(ended)
	}()
	return &client{c: s, ssh: c, raw: raw, ended: ended}, nil
}

// userauthFailure is SSH_MSG_USERAUTH_FAILURE.
const userauthFailure = 51
