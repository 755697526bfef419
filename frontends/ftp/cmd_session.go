package ftp

import (
	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func sessionCommands() []command {
	return []command{
		{
			verb: "USER", does: passed, rfc: "959 4.1.1", open: true, args: "name", done: "Password, please",
			library: "after the login it shows the new name and keeps the old user's tree", run: cmdUSER,
		},
		{verb: "PASS", does: passed, rfc: "959 4.1.1", open: true, args: "[password]", run: pass},
		{
			verb: "ACCT", does: answered, rfc: "959 4.1.1", args: "account", run: fixed(202, "No account needed"),
			library: "502",
		},
		{
			verb: "REIN", does: answered, rfc: "959 4.1.1", open: true, run: cmdREIN,
			library: "502",
		},
		{verb: "QUIT", does: passed, rfc: "959 4.1.1", open: true, done: "Goodbye", run: pass},
		{
			verb: "NOOP", does: answered, rfc: "959 4.1.3", between: true, open: true, run: fixed(200, "OK"),
			library: "during a transfer it blocks the command loop, and a later ABOR is not read",
		},
		{
			verb: "ABOR", does: answered, rfc: "959 4.1.3", run: fixed(226, "No transfer to abort"),
			library: "waits until the data connection is there",
		},
		{verb: "SYST", does: passed, rfc: "959 4.1.3", open: true, run: cmdSYST},
		{verb: "CLNT", does: passed, rfc: "none", open: true, args: "[client]", done: "Noted", run: pass},
		refusal("LANG", "2640 4.1", "[language]", "502", 502, "Replies are in English"),
	}
}

// cmdUSER refuses a change of user: the library would show the new name and
// keep the old tree.
func cmdUSER(s *session, l control.Line) *engine.Command {
	switch {
	case s.loggedIn():
		s.control.Reply(503, "Already logged in, use REIN first")
		return nil
	case s.settings.TLSMode == TLSRequired && !s.control.Secure():
		s.refuseBy(l.Verb, answer{530, "Use AUTH TLS before the login"}, "tls_required", `tls { mode = "optional" }`)
		return nil
	}
	s.login.named = true
	return pass(s, l)
}

// cmdSYST names the system whose listings clients shall expect.
func cmdSYST(s *session, l control.Line) *engine.Command {
	if s.loggedIn() && s.login.account.User.Dialect.DOSList {
		s.control.Reply(215, "Windows_NT")
		return nil
	}
	return pass(s, l)
}

// cmdREIN begins the session again with another instance of the library, whose greeting is the
// reply. TLS stays on. RFC 4217, 11 demands that it ends, but then later passwords would be sent
// in clear, and no client shows that to its user. Wrong passwords stay counted.
func cmdREIN(s *session, _ control.Line) *engine.Command {
	s.data.Withdraw()
	s.leave()
	return &engine.Command{Restart: engine.RestartWithGreeting}
}
