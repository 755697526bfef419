package ftp

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// dialogue notes what passes on the control connection, for the line about the end of the
// session, and writes it where the session is traced. It never has a password.
type dialogue struct {
	ctx       context.Context
	srv       *Server
	client    *sessions.Session
	answering *answering
}

var _ control.Observer = dialogue{}

// Received implements control.Observer.
func (d dialogue) Received(l control.Line) {
	text := d.shown(l)
	if l.Verb == "USER" {
		d.client.Claims(strings.TrimSpace(l.Arg))
	}
	if l.Verb == "QUIT" {
		d.client.Asked(1) // what came before it is what matters
	} else {
		d.client.Commanded(text)
	}
	if d.srv.observe.IsTraced(d.client) {
		d.srv.observe.Traced(d.ctx, d.client, observe.FromClient, text)
	}
}

// Sent implements control.Observer.
func (d dialogue) Sent(text string) {
	text = strings.TrimRight(text, "\r\n")
	if !strings.HasPrefix(text, "221") {
		d.client.Replied(text)
	}
	d.replied(text)
	if d.srv.observe.IsTraced(d.client) {
		d.srv.observe.Traced(d.ctx, d.client, observe.ToClient, text)
	}
}

// shown is a command line as the log has it. What is no command may be a password that was
// typed in the wrong place.
func (d dialogue) shown(l control.Line) string {
	switch c := d.srv.commands[l.Verb]; {
	case c == nil:
		return "(no command)"
	case l.Arg == "":
		return l.Verb
	case l.Verb == "PASS" || l.Verb == "ACCT":
		return l.Verb + " ***"
	}
	return l.Verb + " " + l.Arg
}

// probeTime is more than a load balancer takes to see that a port is open.
const probeTime = time.Second

// reportEnd reports the end of the session.
func reportEnd(s *session) {
	e := observe.Ending{Reason: s.ending}
	anything, startsTLS := control.Heard(s.control.Conn)
	// Where TLS comes first, a client without it waits for a greeting.
	waited := s.settings.TLSMode == TLSImplicit && time.Since(s.client.Started) > probeTime
	e.Silent = !anything && !waited
	if !s.loggedIn() {
		e.Failure = s.failure
		if e.Cause == "" {
			e.Failure = whyNoLogin(s, startsTLS)
		}
	}
	s.srv.observe.SessionEnded(s.ctx, s.client, e)
}

// whyNoLogin says why a client has not tried to log in.
func whyNoLogin(s *session, startsTLS bool) observe.Failure {
	switch {
	case startsTLS && s.settings.TLSMode != TLSImplicit && !s.control.Secure():
		return observe.Failure{
			Cause: "implicit_tls_on_explicit_port", Setting: `tls { mode = "implicit" }`,
			Attrs: hint("the client starts with TLS (ftps://); this port expects AUTH TLS: use explicit TLS, or a frontend with implicit TLS"),
		}
	case s.ending == sessions.EndNoLogin && s.ctx.Err() == nil && time.Now().After(s.login.due):
		return observe.Failure{Cause: "login_timeout", Setting: "login_timeout"}
	case s.control.Secure() && s.client.Claimed() == "":
		return observe.Failure{
			Cause: "left_after_tls_handshake", Setting: "tls.cert_file",
			Attrs: hint("the client has seen the certificate and left: it may not trust it"),
		}
	case s.login.bad > 0:
		return observe.Failure{Cause: "not_ftp"}
	}
	return observe.Failure{}
}

func hint(text string) []slog.Attr { return []slog.Attr{slog.String("hint", text)} }

// whyNoTLS says why a TLS handshake failed, and which setting decides it.
func whyNoTLS(s *session, err error) observe.Failure {
	f := observe.Failure{Cause: string(control.HandshakeFailed), Err: err}
	failed, ok := errors.AsType[*control.HandshakeError](err)
	if !ok {
		return f
	}
	f.Cause = string(failed.Cause)
	implicit := s.settings.TLSMode == TLSImplicit
	switch failed.Cause {
	case control.NotTrusted:
		f.Setting, f.Attrs = "tls.cert_file", hint("the client ended the handshake: it does not trust the certificate, or its name is another one")
	case control.NoVersion:
		f.Setting = "tls.min_version"
		f.Attrs = append(hint("the client offers only older versions of TLS"), slog.Any("client_versions", failed.Versions))
	case control.NotTLS:
		if implicit {
			f.Setting, f.Attrs = "tls.mode", hint("the client speaks FTP in clear; this port expects TLS from the first byte")
		}
	case control.NoHello:
		if implicit {
			f.Setting, f.Attrs = "tls.mode", hint("a client without implicit TLS waits for a greeting; this port expects TLS from the first byte")
		}
	case control.CertificateRefused:
		f.Setting = "tls.client_ca_file"
	case control.NoCipherSuite, control.NoFTP, control.HandshakeFailed:
	}
	return f
}
