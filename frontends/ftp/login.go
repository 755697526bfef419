package ftp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/engine"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/charset"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"
)

func (s *session) loggedIn() bool { return s.login.state == identified }

// user names the account.
func (s *session) user() string { return s.login.account.Tenant + "/" + s.login.account.Name }

// Login checks a password. The reply is the same for every reason, after
// a delay that grows.
func (s *session) Login(user, password string) (*vfs.View, error) {
	begun := time.Now()
	accounts, release := s.settings.Auth.Acquire()
	ctx, cancel := loginContext(s)
	defer cancel()
	account, err := accounts.Password(ctx, s.attempt(user), password)
	tracing.RecordStep(s.ctx, tracing.Login, begun, time.Now(), causeOf(err))
	if err != nil {
		release()
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			// Nobody has decided, and the end of the session has its own line.
			s.login.named = false
			return nil, fmt.Errorf("%w: %w", engine.ErrRetry, err)
		}
		s.login.on(passwordRefused)
		if _, undecided := errors.AsType[*auth.Undecided](err); undecided {
			s.srv.observe.LoginNotDecided(s.ctx, s.client, user, "password", err)
		} else {
			s.failure = listen.Refused(err)
			s.srv.observe.LoginRefused(s.ctx, s.client, user, "password", s.failure)
			s.failure.Err = nil // the end of the session is about the same failure
		}
		s.delay(begun, err)
		if s.login.failures < maxTries {
			return nil, fmt.Errorf("%w: %w", engine.ErrRetry, err)
		}
		s.ending = s.login.why
		return nil, err
	}
	s.login.keep(accounts, release)
	if err := s.enter(account); err != nil {
		return nil, err
	}
	return s.login.view, nil
}

// goneTime is how long a password of a client that has left is still checked. One that has only
// ended its side of the connection reads the answer.
const goneTime = 2 * time.Second

// loginContext returns the context of a login. While many log in at once, a password waits for
// its turn: not longer than the client may take for its login, and not for a client that has left.
func loginContext(s *session) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithDeadline(s.ctx, s.login.due)
	stop := context.AfterFunc(s.control.Gone(), func() { time.AfterFunc(goneTime, cancel) })
	return ctx, func() {
		stop()
		cancel()
	}
}

// causeOf returns why a password was not accepted, "" where it was.
func causeOf(err error) string {
	if err == nil {
		return ""
	}
	if _, undecided := errors.AsType[*auth.Undecided](err); undecided {
		return "not_decided"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "not_finished"
	}
	return listen.Refused(err).Cause
}

// attempt returns what is known of a login besides the password.
func (s *session) attempt(user string) auth.Attempt {
	protocol := auth.FTP
	if s.control.Secure() {
		protocol = auth.FTPS
	}
	return auth.Attempt{
		Login: user, Protocol: protocol, From: s.control.Peer(), Tenants: s.settings.Tenants, Host: s.login.host.name(),
		Certificate: clientCertificate(s.control.TLS()),
	}
}

// awaitLogin starts the time in which the client must log in.
func (s *session) awaitLogin() {
	s.login.due = time.Now().Add(s.settings.LoginTimeout)
	s.control.ReplyBy(s.login.due)
}

// setCharset sets the character set of names. Before the login the only names are
// those of users, in UTF-8.
func (s *session) setCharset() {
	var set *charset.Charset
	if s.loggedIn() && !s.par.utf8 {
		set = s.login.account.User.Dialect.Charset
	}
	s.control.SetCharset(set)
}

// delay holds back the answer to a wrong password that came at begun, so that
// guessing takes its time. No hash is being computed meanwhile, and a client that
// leaves is not waited for. err says how many failures there were on other connections.
func (s *session) delay(begun time.Time, err error) {
	failures := max(s.login.failures, auth.Failures(err)+1)
	wait := time.NewTimer(auth.Delay(s.settings.LoginDelay, failures, time.Since(begun)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-s.control.Gone().Done():
	case <-s.srv.draining.Done():
	case <-s.ctx.Done():
	}
}

// enter notes who logged in. It ends the session when the user or the tenant has too many:
// with 421, after which clients try again later, and not with 530, after which many ask for
// another password.
func (s *session) enter(a *auth.Account) error {
	leave, err := a.User.Limits.Session()
	if err != nil {
		s.srv.observe.LimitReached(s.ctx, s.client, err)
		s.ending = "too many sessions"
		s.login.refusal = answer{421, sentence(vfs.ReasonOf(err))}
		return err
	}
	s.login.leave = leave
	s.login.account = a
	s.login.on(passwordAccepted)
	s.control.ReplyBy(time.Time{})
	s.setCharset()
	s.login.place.Leave()
	s.login.view = s.srv.observe.View(s.ctx, a.User.View)
	s.srv.observe.LoggedIn(s.ctx, s.client, sessions.User{Tenant: a.Tenant, Name: a.Name}, loginAttrs(s)...)
	s.log = s.srv.observe.Logger(s.client)
	s.data.Login(s.user(), s.log)
	return nil
}

// loginAttrs are the details of a login that the log shows.
func loginAttrs(s *session) []slog.Attr {
	attrs := []slog.Attr{slog.Bool("tls", s.control.Secure())}
	if host := s.login.host.name(); host != "" {
		attrs = append(attrs, slog.String("host", host))
	}
	return attrs
}

// leave forgets who logged in and everything that was set since the greeting,
// but for TLS.
func (s *session) leave() {
	s.data.Logout(s.wireLog)
	if s.loggedIn() {
		s.awaitLogin()
	}
	s.login.on(reinitialized)
	noteAskedHost(s, "")
	s.client.Logout()
	s.log = s.wireLog
	s.par = newParameters(s.settings.TLSMode == TLSImplicit)
	s.setCharset()
}

// refuseConnection refuses a connection that is above a limit. With implicit TLS it sends no
// reply, because the limits also save the cost of handshakes.
func (s *session) refuseConnection() {
	if s.settings.TLSMode != TLSImplicit {
		s.control.Reply(421, "Too many connections, try again later")
	}
	s.cancel()
	s.control.Leave()
	s.control.Close()
}
