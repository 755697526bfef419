package ftp

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

func featureCommands() []command {
	return []command{
		{
			verb: "FEAT", does: answered, rfc: "2389 3", open: true, run: answerBy(cmdFEAT),
			library: "lists MLST without facts, the hash algorithms without the word HASH, and EPRT also when it is switched off",
		},
		{
			verb: "OPTS", does: answered, rfc: "2389 4", between: true, open: true, args: "option [value]", run: answerBy(cmdOPTS),
			library: "OPTS MLST is not understood, and UTF8 is never off",
		},
		{
			verb: "HELP", does: answered, rfc: "959 4.1.3", open: true, args: "[command]", run: answerBy(cmdHELP),
			library: "502",
		},
	}
}

// cmdFEAT lists the extensions that work (RFC 2389, 3.2).
func cmdFEAT(s *session, _ control.Line) {
	var features []string
	if s.control.Charset() == nil {
		features = append(features, "UTF8")
	}
	features = append(features,
		"TVFS", "SIZE", "MDTM", "MFMT", "REST STREAM", "EPSV", "MLST "+mlstFeature(s.par.facts), "CLNT",
		"HASH "+hashFeature(s), "XCRC", "XMD5", "XSHA", "XSHA1", "XSHA256", "XSHA512",
	)
	if s.settings.servesHosts() {
		features = append(features, "HOST")
	}
	if s.settings.Active {
		features = append(features, "EPRT")
	}
	if s.settings.TLSMode != TLSOff {
		if !s.control.Secure() {
			features = append(features, "AUTH TLS")
		}
		features = append(features, "PBSZ", "PROT")
	}
	s.control.ReplyLines(211, "Features", features, "End")
}

// cmdOPTS knows UTF8, MLST, which chooses facts, and HASH.
func cmdOPTS(s *session, l control.Line) {
	name, arg := cutWord(strings.TrimSpace(l.Arg))
	arg = strings.TrimSpace(arg)
	switch control.Upper(name) {
	case "UTF8":
		optsUTF8(s, control.Upper(arg))
	case "MLST":
		s.par.facts = chooseFacts(arg)
		text := "MLST OPTS"
		if len(s.par.facts) > 0 {
			text += " " + strings.Join(s.par.facts, ";") + ";"
		}
		s.control.Reply(200, text)
	case "HASH":
		optsHASH(s, arg)
	default:
		s.control.Reply(501, "Option not understood")
	}
}

// optsUTF8 turns UTF-8 on or off. It can be off only for a user with another character set.
func optsUTF8(s *session, arg string) {
	switch {
	case arg == "" || arg == "ON":
		s.par.utf8 = true
		s.setCharset()
		s.control.Reply(200, "UTF8 is on")
	case arg == "OFF" && s.loggedIn() && s.login.account.User.Dialect.Charset != nil:
		s.par.utf8 = false
		s.setCharset()
		s.control.Reply(200, "UTF8 is off, names are in "+s.control.Charset().String())
	case arg == "OFF":
		s.control.Reply(504, "UTF8 is always on")
	default:
		s.control.Reply(501, "UTF8 is ON or OFF")
	}
}

// cmdHELP names the commands that do something, or shows how one is written.
func cmdHELP(s *session, l control.Line) {
	if verb := control.Upper(strings.TrimSpace(l.Arg)); verb != "" {
		switch c := s.srv.commands[verb]; {
		case c == nil:
			s.control.Reply(502, "Command not known")
		case c.does == refused:
			s.control.Reply(502, verb+" is not implemented")
		default:
			s.control.Reply(214, strings.TrimSpace("Syntax: "+verb+" "+c.args))
		}
		return
	}
	const columns = 8
	var rows []string
	var row strings.Builder
	n := 0
	for _, verb := range sortedVerbs(s.srv.commands) {
		if s.srv.commands[verb].does == refused {
			continue
		}
		if n++; n%columns == 0 {
			rows = append(rows, row.String()+verb)
			row.Reset()
			continue
		}
		fmt.Fprintf(&row, "%-8s", verb)
	}
	if row.Len() > 0 {
		rows = append(rows, strings.TrimRight(row.String(), " "))
	}
	s.control.ReplyLines(214, "Commands", rows, "End")
}
