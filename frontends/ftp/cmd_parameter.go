package ftp

import (
	"maps"
	"slices"
	"strings"
)

func parameterCommands() []command {
	return []command{
		{verb: "TYPE", does: passed, rfc: "959 4.1.2", argument: true, done: "Type set", run: pass},
		{verb: "MODE", does: answered, rfc: "959 4.1.2", argument: true, run: answerBy(onlyValue("S")),
			library: "refuses a lower-case s; its MODE Z is not what clients mean"},
		{verb: "STRU", does: answered, rfc: "959 4.1.2", argument: true, run: answerBy(onlyValue("F")), library: "502"},
		{verb: "REST", does: passed, rfc: "3659 5", argument: true, done: "Restart position noted", run: pass},
		{verb: "ALLO", does: answered, rfc: "959 4.1.3", run: fixed(202, "No allocation needed"),
			library: "refuses the R form"},
	}
}

// onlyValue answers a parameter command that knows one value only.
func onlyValue(value string) func(*session, line) {
	return func(s *session, l line) {
		if strings.EqualFold(strings.TrimSpace(l.arg), value) {
			s.reply(200, l.verb+" is "+value)
			return
		}
		s.reply(504, l.verb+" knows "+value)
	}
}

func sortedVerbs(table map[string]*command) []string {
	return slices.Sorted(maps.Keys(table))
}
