package ftp

import (
	"strconv"

	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func listCommands() []command {
	const slice = "gets the attributes of the directory first, then reads all of it before it sends the first line"
	return []command{
		{verb: "LIST", does: rewritten, rfc: "959 4.1.3", args: "[path]", transfers: true, run: cmdLIST, library: slice},
		{verb: "NLST", does: rewritten, rfc: "959 4.1.3", args: "[path]", transfers: true, run: cmdLIST, library: slice},
		{verb: "MLSD", does: rewritten, rfc: "3659 7", args: "[path]", transfers: true, run: cmdLIST, library: slice},
		{
			verb: "MLST", does: answered, rfc: "3659 7", args: "[path]", run: answerBy(cmdMLST),
			library: "few facts, and the base name instead of the path",
		},
		{
			verb: "STAT", does: answered, rfc: "959 4.1.3", args: "[path]", run: answerBy(cmdSTAT),
			library: "prints a stray %s before each entry of a directory",
		},
	}
}

// maxStatLines bounds what STAT sends over the control connection.
const maxStatLines = 1000

// cmdLIST hands the library a RETR whose file is the listing.
func cmdLIST(s *session, l control.Line) *engine.Command {
	list, err := newListing(l.Verb, s.engine.Path(), l.Arg)
	if err != nil {
		a := errorAnswer(l.Verb, err)
		s.control.Reply(a.code, a.text)
		return nil
	}
	return begin(s, &transfer{verb: l.Verb, listing: list}, engine.Command{Verb: "RETR", Arg: "listing"})
}

// cmdMLST describes one entry on the control connection, under the name that the
// client asked by (RFC 3659, 7.3.1).
func cmdMLST(s *session, l control.Line) {
	p, info, err := s.look(l.Arg, vfs.TypeAny)
	if err != nil {
		s.refuse(l.Verb, err)
		return
	}
	name := l.Arg
	if name == "" {
		name = p.String()
	}
	s.control.ReplyLines(250, "Listing", []string{facts(s.par.facts, s.login.view, p, info, "dir") + " " + name}, "End")
}

// cmdSTAT without a path reports on the session; with one it lists on the
// control connection (RFC 959, 4.1.3).
func cmdSTAT(s *session, l control.Line) {
	arg := cutOptions(l.Arg)
	if arg == "" && l.Arg == "" {
		s.control.ReplyLines(211, "Status", statusOf(s), "End")
		return
	}
	p, info, err := s.look(arg, vfs.TypeAny)
	if err != nil {
		s.refuse(l.Verb, err)
		return
	}
	format := newLister(s, &listing{verb: "LIST"})
	if !info.IsDir() {
		s.control.ReplyLines(213, "Status", []string{format(info)}, "End")
		return
	}
	var lines []string
	for info, err := range s.login.view.List(s.ctx, p) {
		if err != nil {
			s.refuse(l.Verb, err)
			return
		}
		if len(lines) == maxStatLines {
			lines = append(lines, "... and more, use LIST")
			break
		}
		if line := format(info); s.control.CanSend(line) {
			lines = append(lines, line)
		}
	}
	s.control.ReplyLines(212, "Status", lines, "End")
}

// statusOf describes the session.
func statusOf(s *session) []string {
	kind, protection := "TYPE A", "clear"
	if s.par.binary {
		kind = "TYPE I"
	}
	if s.par.protected {
		protection = "protected"
	}
	return []string{
		"Client " + s.control.RemoteAddr().String(),
		"User " + tellableUser(s),
		kind + ", MODE S, STRU F, data connections " + protection,
	}
}

// tellableUser names the account, also where the client's character set cannot.
func tellableUser(s *session) string {
	if user := s.user(); s.control.CanSend(user) {
		return user
	}
	return strconv.QuoteToASCII(s.user())
}
