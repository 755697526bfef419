package ftp

import "github.com/tidegate/tidegate/frontends/ftp/control"

func hostCommands() []command {
	return []command{
		{
			verb: "HOST", does: answered, rfc: "7151", open: true, args: "host", run: answerBy(cmdHOST),
			library: "502",
		},
	}
}

// cmdHOST chooses the host, and with it the tenant whose users can log in. It comes before
// USER. A later HOST replaces the one before (RFC 7151, 3.2).
func cmdHOST(s *session, l control.Line) {
	name, ok := parseHost(l.Arg)
	switch inTLS := s.login.host.byTLS; {
	case !s.settings.servesHosts():
		s.control.Reply(502, "No host has users of its own")
	case s.loggedIn() || s.login.named:
		s.control.Reply(503, "HOST comes before USER")
	case !ok:
		s.control.Reply(501, "HOST needs a host name")
	case inTLS != "" && inTLS != name:
		s.control.Reply(504, "TLS was started for another host")
	case !s.settings.knowsHost(name):
		s.control.Reply(504, "Host not known")
	default:
		noteAskedHost(s, name)
		s.control.Reply(220, "Host accepted")
	}
}
