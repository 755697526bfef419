package ftp

import (
	"fmt"
	"strings"
)

func sessionCommands() []command {
	return []command{
		{
			verb: "USER", does: passed, rfc: "959 4.1.1", open: true, argument: true, done: "Password, please",
			library: "USER after the login keeps the old user's tree", run: (*session).cmdUSER,
		},
		{verb: "PASS", does: passed, rfc: "959 4.1.1", open: true, done: "Logged in", run: pass},
		{verb: "QUIT", does: passed, rfc: "959 4.1.1", open: true, done: "Goodbye", run: pass},
		{
			verb: "NOOP", does: answered, rfc: "959 4.1.3", open: true, run: fixed(200, "OK"),
			library: "during a transfer it blocks the command loop, and a later ABOR is not read",
		},
		{
			verb: "ABOR", does: answered, rfc: "959 4.1.3", run: fixed(226, "No transfer to abort"),
			library: "waits until the data connection is there",
		},
		{verb: "SYST", does: passed, rfc: "959 4.1.3", open: true, run: pass},
		{verb: "CLNT", does: passed, rfc: "none", open: true, run: pass, done: "Noted"},
		{
			verb: "FEAT", does: answered, rfc: "2389 3", open: true, run: answerBy((*session).cmdFEAT),
			library: "MLST without facts, and no AUTH, because TLS is ours",
		},
		{
			verb: "OPTS", does: answered, rfc: "2389 4", open: true, argument: true, run: answerBy((*session).cmdOPTS),
			library: "OPTS MLST is not understood",
		},
		{
			verb: "HELP", does: answered, rfc: "959 4.1.3", open: true, run: answerBy((*session).cmdHELP),
			library: "502",
		},
		{
			verb: "SITE", does: answered, rfc: "959 4.1.3", argument: true, run: answerBy((*session).cmdSITE),
			library: "CHMOD without a path panics; MKDIR and RMDIR pass by the rules of MKD and RMD",
		},
		{verb: "ACCT", does: answered, rfc: "959 4.1.1", run: fixed(202, "No account needed"), library: "502"},
	}
}

// cmdUSER refuses a change of user: the library would show the new name and
// keep the old tree.
func (s *session) cmdUSER(l line) (string, bool) {
	switch {
	case s.loggedIn():
		s.reply(503, "Already logged in")
		return "", false
	case s.srv.o.TLSMode == TLSRequired && !s.secure:
		s.reply(530, "Use AUTH TLS before the login")
		return "", false
	}
	return pass(s, l)
}

// mlstFacts are the facts of our MLST and MLSD lines, all always on.
const mlstFacts = "type*;size*;modify*;"

// cmdFEAT tells the extensions that work (RFC 2389, 3.2).
func (s *session) cmdFEAT(line) {
	features := []string{"UTF8", "TVFS", "SIZE", "MDTM", "MFMT", "REST STREAM", "EPSV", "MLST " + mlstFacts, "CLNT"}
	if s.srv.o.TLSMode != TLSOff {
		if !s.secure {
			features = append(features, "AUTH TLS")
		}
		features = append(features, "PBSZ", "PROT")
	}
	s.replyLines(211, "Features", features, "End")
}

// cmdOPTS knows UTF8, which is always on, and MLST, whose facts cannot be
// chosen (RFC 3659, 7.9 lets the server say what it will send).
func (s *session) cmdOPTS(l line) {
	name, arg, _ := strings.Cut(l.arg, " ")
	switch strings.ToUpper(name) {
	case "UTF8":
		if strings.EqualFold(strings.TrimSpace(arg), "OFF") {
			s.reply(504, "UTF8 is always on")
			return
		}
		s.reply(200, "UTF8 is on")
	case "MLST":
		s.reply(200, "MLST OPTS "+strings.ReplaceAll(mlstFacts, "*", ""))
	default:
		s.reply(501, "Option not understood")
	}
}

// cmdHELP names the commands.
func (s *session) cmdHELP(line) {
	var rows []string
	row := ""
	for _, verb := range sortedVerbs(s.srv.commands) {
		if len(row)+len(verb) > 68 {
			rows = append(rows, row)
			row = ""
		}
		row += fmt.Sprintf("%-5s", verb)
	}
	s.replyLines(214, "Commands", append(rows, row), "End")
}

// cmdSITE accepts CHMOD, which clients send after uploads and which means
// nothing here.
func (s *session) cmdSITE(l line) {
	name, arg, _ := strings.Cut(l.arg, " ")
	switch {
	case strings.EqualFold(name, "CHMOD") && len(strings.Fields(arg)) >= 2:
		s.reply(200, "Accepted, modes are not kept")
	case strings.EqualFold(name, "CHMOD"):
		s.reply(501, "SITE CHMOD needs a mode and a path")
	case strings.EqualFold(name, "HELP"):
		s.reply(214, "SITE knows CHMOD and HELP")
	default:
		s.reply(504, "SITE knows CHMOD and HELP")
	}
}
