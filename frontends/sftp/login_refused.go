package sftp

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// maxShownKeys is how many of the refused keys of a connection the log shows.
const maxShownKeys = 8

// refusedKeys are the keys of a connection that were refused although nothing is wrong with
// the client: it tries one after the other. They are one line of the log, at the end, if
// none was the right one.
type refusedKeys struct {
	login string
	why   observe.Failure
	shown []string
}

// unansweredError is the error of a question for a password when the connection ends before
// the answer. The end of the session is about it.
type unansweredError struct{ err error }

func (e *unansweredError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *unansweredError) Unwrap() error { return e.err }

// logTry logs what did not let the client in.
func (c *conn) logTry(m ssh.ConnMetadata, method string, err error) {
	_, partial := errors.AsType[*ssh.PartialSuccessError](err)
	_, known := errors.AsType[*auth.KeyError](err)
	if _, ambiguous := errors.AsType[*auth.Ambiguous](err); ambiguous {
		known = true
	}
	_, undecided := errors.AsType[*auth.Undecided](err)
	_, unanswered := errors.AsType[*unansweredError](err)
	c.client.Claims(m.User()) // also by the method none, with which clients begin
	switch {
	case undecided:
		c.srv.observe.LoginNotDecided(c.ctx, c.client, m.User(), method, err)
	case err == nil || partial || unanswered || method == "none":
	case method == "publickey" && !known:
		c.log.Debug("key refused", "login", m.User()[:min(len(m.User()), auth.MaxLoginBytes)], "err", err)
		c.keys.login, c.keys.why = m.User(), listen.Refused(err)
		if !errors.Is(err, auth.ErrDenied) {
			// The library has not even asked whose key it is.
			c.keys.why = observe.Failure{Cause: "key_algorithm_not_accepted", Setting: "legacy", Err: err}
		}
	default:
		c.failure = listen.Refused(err)
		c.srv.observe.LoginRefused(c.ctx, c.client, m.User(), method, c.failure)
		c.failure.Err = nil // the end of the session is about the same failure
	}
}

// offered notes a key that the client offers.
func (k *refusedKeys) offered(key ssh.PublicKey) {
	if len(k.shown) < maxShownKeys {
		k.shown = append(k.shown, key.Type()+" "+ssh.FingerprintSHA256(key))
	}
}

// report reports the end of the connection. err is why nobody has logged in, or nil.
func (c *conn) report(err error) {
	e := observe.Ending{Reason: c.endReason()}
	if c.tooMany != nil {
		e.Reason = cmp.Or(e.Reason, "too many sessions")
	}
	if err != nil {
		if c.keys.why.Cause != "" && c.failure.Cause == "" {
			c.failure = c.keys.why
			if len(c.keys.shown) > 0 {
				c.failure.Attrs = []slog.Attr{slog.Any("keys", c.keys.shown)}
			}
			c.srv.observe.LoginRefused(c.ctx, c.client, c.keys.login, "publickey", c.failure)
			c.failure.Attrs, c.failure.Err = nil, nil
		}
		e.Reason = cmp.Or(e.Reason, sessions.EndNoLogin)
		e.Silent = !c.raw.heard.Load()
		e.Failure = c.failure
		if e.Cause == "" {
			e.Failure = c.whyNoLogin(err)
		}
	}
	c.srv.observe.SessionEnded(c.ctx, c.client, e)
}

// whyNoLogin says why a client that was refused nothing has not logged in.
func (c *conn) whyNoLogin(err error) observe.Failure {
	f := observe.Failure{Err: err}
	hint := func(text string) { f.Attrs = append(f.Attrs, slog.String("hint", text)) }
	late, timed := errors.AsType[net.Error](err)
	switch none, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); {
	case ok:
		f.Cause, f.Err = "no_common_algorithm", nil
		f.Attrs = []slog.Attr{
			slog.String("what", none.What), slog.Any("client_offers", none.RequestedAlgorithms), slog.Any("server_offers", none.SupportedAlgorithms),
		}
		if !c.settings.Legacy {
			f.Setting = "legacy"
		}
		if none.What == "host key" {
			f.Setting = "host_key_files"
		}
	case c.notSSH:
		f.Cause = "not_ssh"
		hint("the client speaks another protocol, such as FTP or TLS")
	case timed && late.Timeout() || errors.Is(err, os.ErrDeadlineExceeded):
		f.Cause, f.Setting = "login_timeout", "login_timeout"
	case c.understood && c.client.Claimed() == "" && (errors.Is(err, io.EOF) || isReset(err)):
		f.Cause, f.Setting = "left_after_key_exchange", "host_key_files"
		hint("the client has seen the host key and left: it may not trust it")
	case c.exchanged && c.client.Claimed() != "":
		f.Cause = "left_before_login"
		hint("the client had no further key or password to try")
	}
	return f
}

// isReset reports whether the client has closed the connection by force.
func isReset(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}
