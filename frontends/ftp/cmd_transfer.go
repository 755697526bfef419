package ftp

import (
	"crypto/rand"
	"path"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

func transferCommands() []command {
	const late = "reads nothing else until the data connection is there"
	return []command{
		{verb: "RETR", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: resumable, library: late},
		{verb: "STOR", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: resumable, library: late},
		{verb: "APPE", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: transferred, library: late},
		{
			verb: "STOU", does: rewritten, rfc: "959 4.1.3, 1123 4.1.2.9", args: "[path]", transfers: true,
			run: (*session).cmdSTOU, library: "502",
		},
	}
}

func transferred(s *session, l control.Line) (string, bool) {
	return s.begin(&transfer{verb: l.Verb, name: l.Arg}, l.Verb+" "+l.Arg)
}

// resumable begins a transfer where REST said.
func resumable(s *session, l control.Line) (string, bool) {
	switch {
	case s.rest == 0:
		return transferred(s, l)
	case s.converts():
		s.control.Reply(550, "No restart in TYPE A")
		return "", false
	}
	return s.begin(&transfer{verb: l.Verb, name: l.Arg}, "REST "+strconv.FormatInt(s.rest, 10), l.Verb+" "+l.Arg)
}

// cmdSTOU is a STOR to a name that nobody else has. What the client gives is
// where the name comes from.
func (s *session) cmdSTOU(l control.Line) (string, bool) {
	name := uniqueName(strings.TrimSpace(l.Arg))
	if l.Arg == "" {
		s.written = name
	}
	return s.begin(&transfer{verb: "STOR", unique: name}, "STOR "+name)
}

// uniqueName puts 65 random bits before the extension.
func uniqueName(wanted string) string {
	dir, base := path.Split(wanted)
	if base == "" {
		base = "upload"
	}
	extension := path.Ext(base)
	return dir + strings.TrimSuffix(base, extension) + "-" + strings.ToLower(rand.Text()[:13]) + extension
}
