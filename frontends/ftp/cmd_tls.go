package ftp

import "strings"

func tlsCommands() []command {
	return []command{
		{
			verb: "AUTH", does: answered, rfc: "4217 4", open: true, argument: true, run: (*session).cmdAUTH,
			library: "takes every mechanism for TLS, and TLS inside of TLS",
		},
		{
			verb: "PBSZ", does: answered, rfc: "4217 8", open: true, argument: true, run: answerBy((*session).cmdPBSZ),
			library: "works without AUTH",
		},
		{
			verb: "PROT", does: answered, rfc: "4217 9", open: true, argument: true, run: answerBy((*session).cmdPROT),
			library: "answers 200 to everything and protects nothing unless it is exactly P",
		},
		{verb: "CCC", does: answered, rfc: "4217 6", run: fixed(533, "The control connection stays protected"), library: "502"},
	}
}

// cmdAUTH starts TLS. What the client sent behind it in clear is dropped by the
// reader. A failed handshake ends the session: nobody can tell in which state
// the wire is.
func (s *session) cmdAUTH(l line) (string, bool) {
	mechanism := strings.ToUpper(strings.TrimSpace(l.arg))
	switch {
	case s.srv.o.TLSMode == TLSOff:
		s.reply(502, "TLS is not configured")
	case s.secure:
		s.reply(503, "TLS is on already")
	case s.loggedIn():
		s.reply(503, "AUTH comes before the login")
	case mechanism != "TLS" && mechanism != "TLS-C" && mechanism != "SSL" && mechanism != "TLS-P":
		s.reply(504, "AUTH knows TLS")
	default:
		s.reply(234, "Start the TLS handshake")
		if err := s.startTLS(); err != nil {
			s.log.Info("TLS handshake failed", "err", err)
			s.cancel()
			_ = s.raw.Close()
		}
	}
	return "", false
}

func (s *session) cmdPBSZ(line) {
	if !s.secure {
		s.reply(503, "PBSZ comes after AUTH TLS")
		return
	}
	s.reply(200, "PBSZ=0")
}

func (s *session) cmdPROT(l line) {
	switch level := strings.ToUpper(strings.TrimSpace(l.arg)); {
	case !s.secure:
		s.reply(503, "PROT comes after AUTH TLS")
	case level == "P":
		s.protect = true
		s.reply(200, "Data connections are protected")
	case level == "C" && s.mustProtect():
		s.reply(534, "Data connections must be protected")
	case level == "C":
		s.protect = false
		s.reply(200, "Data connections are clear")
	default:
		s.reply(536, "PROT knows C and P")
	}
}

// mustProtect reports whether data in clear is refused.
func (s *session) mustProtect() bool {
	return s.srv.o.TLSMode == TLSRequired || s.srv.o.TLSMode == TLSImplicit
}
