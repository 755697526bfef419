package ftp

import (
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func parameterCommands() []command {
	return []command{
		{verb: "TYPE", does: passed, rfc: "959 4.1.2", between: true, args: "A | I", done: "Type set", run: cmdTYPE},
		{
			verb: "MODE", does: answered, rfc: "959 4.1.2", between: true, args: "S", run: answerBy(onlyValue("S")),
			library: "refuses a lower-case s; its MODE Z uses raw DEFLATE, and clients expect zlib",
		},
		{verb: "STRU", does: answered, rfc: "959 4.1.2", between: true, args: "F", run: answerBy(onlyValue("F")), library: "502"},
		{
			verb: "REST", does: answered, rfc: "3659 5", between: true, args: "position", run: answerBy(cmdREST),
			library: "takes positions below 0, and keeps one over a LIST for a later transfer",
		},
		{
			verb: "ALLO", does: answered, rfc: "959 4.1.3", between: true, args: "size [R record]", run: answerBy(cmdALLO),
			library: "refuses the R form, and checks nothing",
		},
	}
}

// cmdTYPE passes only the arguments that the library knows, because the library would also take
// "ı" for an I.
func cmdTYPE(s *session, l control.Line) *engine.Command {
	switch typeOf(l.Arg) {
	case "A", "AN", "L7", "I", "L8":
		return pass(s, l)
	}
	s.control.Reply(504, "TYPE knows A and I")
	return nil
}

// cmdREST notes where the next transfer begins. The library gets it right
// before that transfer: it would keep it for any later one.
func cmdREST(s *session, l control.Line) {
	n, err := strconv.ParseInt(strings.TrimSpace(l.Arg), 10, 64)
	if err != nil || n < 0 {
		s.control.Reply(501, "REST needs a position in bytes")
		return
	}
	if n > 0 && converts(s) {
		s.control.Reply(550, "No restart in TYPE A")
		return
	}
	s.par.announced.offset = n
	s.control.Reply(350, "Restart position noted")
}

// cmdALLO notes how long the next upload will be: "ALLO 100" or "ALLO 100 R 10".
// Nothing is reserved; an upload that ends short of it is in doubt.
func cmdALLO(s *session, l control.Line) {
	words := strings.Fields(l.Arg)
	size, err := strconv.ParseInt(words[0], 10, 64)
	record := len(words) == 3 && control.Upper(words[1]) == "R"
	if err != nil || size < 0 || len(words) != 1 && !record {
		s.control.Reply(501, "ALLO needs a size in bytes")
		return
	}
	s.par.announced.size = size
	s.control.Reply(200, "Noted, nothing is reserved")
}

// onlyValue answers a parameter command that knows one value only.
func onlyValue(value string) func(*session, control.Line) {
	return func(s *session, l control.Line) {
		if control.Upper(strings.TrimSpace(l.Arg)) == value {
			s.control.Reply(200, l.Verb+" is "+value)
			return
		}
		s.control.Reply(504, l.Verb+" knows "+value)
	}
}
