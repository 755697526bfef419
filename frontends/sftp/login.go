package sftp

import (
	"context"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/auth"
)

// accountKey is where the permissions of a connection carry the account.
type accountKey struct{}

// noTouch is the extension of permissions that lets a FIDO key sign without
// being touched.
const noTouch = "no-touch-required"

// config returns the server's configuration with this connection's callbacks.
func (c *conn) config() *ssh.ServerConfig {
	config := *c.srv.ssh
	config.PasswordCallback = c.passwordCallback(c.srv.o.Auth.Password)
	config.PublicKeyCallback = c.keyOffered
	config.AuthLogCallback = func(m ssh.ConnMetadata, method string, err error) {
		switch {
		case err == nil || method == "none":
		case method == "publickey":
			// A client offers one key after the other.
			c.log.Debug("key refused", "login", m.User(), "err", err)
		default:
			c.log.Warn("login refused", "login", m.User(), "method", method, "err", err)
		}
	}
	return &config
}

// passwordCallback asks check, which is one of the Authenticator's.
func (c *conn) passwordCallback(
	check func(context.Context, string, string, addr) (*auth.Account, error),
) func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
	return func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		account, err := check(c.ctx, m.User(), string(password), c.peer())
		if err != nil {
			c.holdBack()
			return nil, err
		}
		return admit(account), nil
	}
}

// holdBack delays the answer to a wrong password. A server that stops is not
// waited for.
func (c *conn) holdBack() {
	c.wrongPasswords++
	wait := time.NewTimer(auth.Delay(c.srv.o.LoginDelay, c.wrongPasswords))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.srv.draining:
	case <-c.ctx.Done():
	}
}

// keyOffered answers whether a key would do. The library verifies the signature
// before it goes by the answer.
func (c *conn) keyOffered(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	account, known, err := c.srv.o.Auth.Key(m.User(), key.Marshal(), c.peer())
	if err != nil {
		return nil, err
	}
	if account.Factors == auth.KeyThenPassword {
		return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{
			PasswordCallback: c.passwordCallback(c.srv.o.Auth.PasswordAfterKey),
		}}
	}
	p := admit(account)
	if known.NoTouch {
		p.Extensions = map[string]string{noTouch: ""}
	}
	return p, nil
}

func admit(a *auth.Account) *ssh.Permissions {
	return &ssh.Permissions{ExtraData: map[any]any{accountKey{}: a}}
}
