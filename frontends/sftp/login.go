package sftp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
)

// admittedKey is where the permissions of a connection carry the account.
type admittedKey struct{}

// admitted is an account that a client has proven to have, and for the log by what.
type admitted struct {
	account *auth.Account
	by      []slog.Attr
}

// noTouch is the extension of permissions that lets a FIDO key sign without
// being touched.
const noTouch = "no-touch-required"

// errPanicked is the error of a login that has panicked.
var errPanicked = errors.New("panic")

// recordSteps records the handshake, which began and whose keys were exchanged at these times,
// and the login, which have ended now.
func (c *conn) recordSteps(began, exchanged time.Time, err error) {
	cause := ""
	if err != nil {
		cause = cmp.Or(c.failure.Cause, "not_finished")
	}
	if exchanged.IsZero() {
		tracing.RecordStep(c.ctx, tracing.SSHHandshake, began, time.Now(), cause)
		return
	}
	tracing.RecordStep(c.ctx, tracing.SSHHandshake, began, exchanged, "")
	tracing.RecordStep(c.ctx, tracing.Login, exchanged, time.Now(), cause)
}

// login makes the connection an SSH connection of an account. A panic ends this connection
// only.
func (c *conn) login(login *listen.Login) (_ <-chan ssh.NewChannel, _ <-chan *ssh.Request, err error) {
	defer func() {
		if r := recover(); r != nil {
			c.log.Error("panic, the session ends", "panic", r, "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	now := time.Now()
	until := now.Add(c.settings.LoginTimeout)
	ctx, cancel := context.WithDeadline(c.ctx, until)
	defer cancel()
	c.loggingIn = ctx
	// begun is called when the client is known to be one.
	begun := func() {
		_ = c.raw.SetDeadline(until)
		login.Begun()
	}
	soon := now.Add(min(c.settings.GreetingTimeout, c.settings.LoginTimeout))
	_ = c.raw.SetDeadline(soon)
	config := c.config()
	opened, understood := c.begin(config, soon)
	if understood {
		begun()
	}
	keys := &agreeing{Conn: opened, ctx: ctx, slots: c.srv.exchanges, ended: cancel}
	defer keys.done()
	var exchanged time.Time
	config.PreAuthConnCallback = func(ssh.ServerPreAuthConn) {
		c.exchanged, exchanged = true, time.Now()
		keys.done()
		begun()
	}
	sc, channels, requests, err := ssh.NewServerConn(keys, config)
	c.recordSteps(now, exchanged, err)
	if err != nil {
		return nil, nil, err
	}
	_ = c.raw.SetDeadline(time.Time{})
	in := sc.Permissions.ExtraData[admittedKey{}].(admitted)
	c.account = in.account
	c.view = c.srv.observe.View(c.ctx, c.account.User.View)
	c.mu.Lock()
	c.ssh = sc
	c.mu.Unlock()
	c.activity.moved(0)
	c.leave, c.tooMany = c.account.User.Limits.Session()
	if c.tooMany != nil {
		c.srv.observe.LimitReached(c.ctx, c.client, c.tooMany)
		_ = c.raw.SetDeadline(time.Now().Add(c.settings.GreetingTimeout)) // for its channels
		return channels, requests, nil
	}
	attrs := append(in.by, slog.String("client", string(sc.ClientVersion())))
	if a, ok := sc.Conn.(ssh.AlgorithmsConnMetadata); ok {
		negotiated := a.Algorithms()
		attrs = append(attrs, slog.String("kex", negotiated.KeyExchange), slog.String("cipher", negotiated.Read.Cipher))
	}
	c.srv.observe.LoggedIn(c.ctx, c.client, sessions.User{Tenant: c.account.Tenant, Name: c.account.Name}, attrs...)
	c.log = c.srv.observe.Logger(c.client)
	c.entered <- c.account
	return channels, requests, nil
}

// config returns the server's configuration with this connection's callbacks.
func (c *conn) config() *ssh.ServerConfig {
	config := *c.settings.ssh
	byPassword := c.passwordCallbacks(c.accounts.Password, nil)
	config.PasswordCallback = byPassword.PasswordCallback
	config.KeyboardInteractiveCallback = byPassword.KeyboardInteractiveCallback
	config.PublicKeyCallback = c.keyOffered
	config.AuthLogCallback = c.logTry
	return &config
}

// checkPassword is one of the Authenticator's methods.
type checkPassword func(ctx context.Context, try auth.Attempt, password string) (*auth.Account, error)

// attempt returns what is known of a login besides the credentials.
func (c *conn) attempt(m ssh.ConnMetadata) auth.Attempt {
	c.client.Claims(m.User())
	return auth.Attempt{Login: m.User(), Protocol: auth.SFTP, From: c.peer(), Tenants: c.settings.Tenants}
}

// passwordCallbacks are the two ways to send a password, of which clients have one
// or the other: both ask check. before is what has been proven already.
func (c *conn) passwordCallbacks(check checkPassword, before []slog.Attr) ssh.ServerAuthCallbacks {
	try := func(m ssh.ConnMetadata, method, password string) (*ssh.Permissions, error) {
		begun := time.Now()
		account, err := check(c.loggingIn, c.attempt(m), password)
		if c.endedWaiting(err) {
			return nil, &unansweredError{err}
		}
		if err != nil {
			c.holdBack(begun, err)
			return nil, err
		}
		return admit(account, append(slices.Clip(before), slog.String("method", method))), nil
	}
	return ssh.ServerAuthCallbacks{
		PasswordCallback: func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return try(m, "password", string(password))
		},
		// One prompt, for every name (RFC 4256). Clients that have been given the
		// password know it by the word with the colon.
		KeyboardInteractiveCallback: func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil {
				return nil, &unansweredError{err}
			}
			return try(m, "keyboard-interactive", answers[0])
		},
	}
}

// endedWaiting reports whether err is the end of the wait for a decision: the client has left, or
// has no time left. The end of the connection says which.
func (c *conn) endedWaiting(err error) bool {
	return err != nil && c.loggingIn.Err() != nil && errors.Is(err, c.loggingIn.Err())
}

// holdBack delays the answer to a wrong password that came at begun. A server that
// stops is not waited for. err says how many failures there were on other connections.
func (c *conn) holdBack(begun time.Time, err error) {
	c.wrongPasswords++
	failures := max(c.wrongPasswords, auth.Failures(err)+1)
	wait := time.NewTimer(auth.Delay(c.settings.LoginDelay, failures, time.Since(begun)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.srv.draining:
	case <-c.ctx.Done():
	}
}

// keyOffered answers whether a key or a certificate would do. The library verifies
// the signature before it goes by the answer.
func (c *conn) keyOffered(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	account, accepted, err := c.accounts.Key(c.loggingIn, c.attempt(m), key)
	if c.endedWaiting(err) {
		return nil, &unansweredError{err}
	}
	if err != nil {
		c.keys.offered(key)
		return nil, err
	}
	by := []slog.Attr{slog.String("key", accepted.Fingerprint)}
	if cert := accepted.Certificate; cert != nil {
		by = append(by, slog.String("cert_id", cert.ID), slog.Uint64("cert_serial", cert.Serial), slog.String("ca", cert.Authority))
	}
	if account.Factors == auth.KeyThenPassword {
		return nil, &ssh.PartialSuccessError{Next: c.passwordCallbacks(c.accounts.PasswordAfterKey, by)}
	}
	p := admit(account, append(by, slog.String("method", "publickey")))
	if accepted.NoTouch {
		p.Extensions = map[string]string{noTouch: ""}
	}
	return p, nil
}

func admit(a *auth.Account, by []slog.Attr) *ssh.Permissions {
	return &ssh.Permissions{ExtraData: map[any]any{admittedKey{}: admitted{a, by}}}
}
