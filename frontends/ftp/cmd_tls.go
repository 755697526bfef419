package ftp

import (
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func tlsCommands() []command {
	const level = "TLS protects the whole connection"
	return []command{
		{
			verb: "AUTH", does: answered, rfc: "4217 4", open: true, args: "TLS", run: cmdAUTH,
			library: "starts TLS for every mechanism, also inside of TLS",
		},
		{
			verb: "PBSZ", does: answered, rfc: "4217 8", between: true, open: true, args: "0", run: answerBy(cmdPBSZ),
			library: "works without AUTH",
		},
		{
			verb: "PROT", does: answered, rfc: "4217 9", between: true, open: true, args: "C | P", run: answerBy(cmdPROT),
			library: "answers 200 to everything and protects nothing unless it is exactly P",
		},
		{
			verb: "CCC", does: refused, rfc: "2228 3", open: true, run: answerBy(cmdCCC),
			library: "502",
		},
		refusal("ADAT", "2228 3", "data", "502", 503, "TLS needs no ADAT"),
		refusal("MIC", "2228 3", "command", "502", 537, level),
		refusal("CONF", "2228 3", "command", "502", 537, level),
		refusal("ENC", "2228 3", "command", "502", 537, level),
	}
}

// cmdAUTH starts TLS. What the client sent behind it in clear is dropped by the
// reader. A failed handshake ends the session: it is unknown in which state
// the wire is. SSL and TLS-P are from the drafts before RFC 4217, where they
// protect the data too.
func cmdAUTH(s *session, l control.Line) *engine.Command {
	mechanism := control.Upper(strings.TrimSpace(l.Arg))
	implies := mechanism == "SSL" || mechanism == "TLS-P"
	switch {
	case s.settings.TLSMode == TLSOff:
		s.control.Reply(502, "TLS is not configured")
	case s.control.Secure():
		s.control.Reply(503, "TLS is on already")
	case s.loggedIn():
		s.control.Reply(503, "AUTH comes before the login")
	case mechanism != "TLS" && mechanism != "TLS-C" && !implies:
		s.control.Reply(504, "AUTH knows TLS")
	default:
		s.control.Reply(234, "Start the TLS handshake")
		if err := s.startTLS(); err != nil {
			s.ending, s.failure = noTLS, whyNoTLS(s, err)
			s.cancel()
			s.control.Break()
			return nil
		}
		s.par.protect(implies)
		// RFC 2228, 3 has a USER that came in clear forgotten.
		return &engine.Command{Restart: engine.RestartSilently}
	}
	return nil
}

// cmdPBSZ takes every size and answers with the only one that TLS knows (RFC
// 4217, 8).
func cmdPBSZ(s *session, l control.Line) {
	switch {
	case !s.control.Secure():
		s.control.Reply(503, "PBSZ comes after AUTH TLS")
	case !digits(strings.TrimSpace(l.Arg)):
		s.control.Reply(501, "PBSZ needs a size")
	default:
		s.par.sized = true
		s.control.Reply(200, "PBSZ=0")
	}
}

// mustProtect reports whether data in clear is refused, and the setting that decides it.
func mustProtect(s *session) (must bool, setting string) {
	if s.settings.mustProtect() {
		return true, `tls { mode = "optional" }`
	}
	return s.login.requiresTLS(), `protocols = ["ftp"]`
}

func cmdPROT(s *session, l control.Line) {
	must, setting := mustProtect(s)
	switch level := control.Upper(strings.TrimSpace(l.Arg)); {
	case !s.par.sized:
		s.control.Reply(503, "PROT comes after AUTH TLS and PBSZ")
	case level == "P":
		s.par.protected = true
		s.control.Reply(200, "Data connections are protected")
	case level == "C" && must:
		s.refuseBy(l.Verb, answer{534, "Data connections must be protected"}, "tls_required", setting)
	case level == "C":
		s.par.protected = false
		s.control.Reply(200, "Data connections are clear")
	case level == "S" || level == "E":
		s.control.Reply(536, "PROT knows C and P")
	default:
		s.control.Reply(504, "PROT knows C and P")
	}
}

// cmdCCC never takes TLS from the control connection (RFC 2228, 3: 534 for one
// that is protected, 533 for one that is not).
func cmdCCC(s *session, _ control.Line) {
	if s.control.Secure() {
		s.control.Reply(534, "The control connection stays protected")
		return
	}
	s.control.Reply(533, "The control connection is not protected")
}
