package ftp

import (
	"crypto/rand"
	"path"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func transferCommands() []command {
	const late = "reads nothing else until the data connection is there"
	return []command{
		{verb: "RETR", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: resumable, library: late},
		{verb: "STOR", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: resumable, library: late},
		{verb: "APPE", does: rewritten, rfc: "959 4.1.3", args: "path", transfers: true, run: transferred, library: late},
		{
			verb: "STOU", does: rewritten, rfc: "959 4.1.3, 1123 4.1.2.9", args: "[path]", transfers: true,
			run: cmdSTOU, library: "502",
		},
	}
}

func transferred(s *session, l control.Line) *engine.Command {
	return begin(s, &transfer{verb: l.Verb, name: l.Arg}, engine.Command{Verb: l.Verb, Arg: l.Arg, Path: l.Arg})
}

// resumable begins a transfer where REST said.
func resumable(s *session, l control.Line) *engine.Command {
	if s.par.announced.offset > 0 && converts(s) {
		s.control.Reply(550, "No restart in TYPE A")
		return nil
	}
	return begin(s, &transfer{verb: l.Verb, name: l.Arg}, engine.Command{Verb: l.Verb, Arg: l.Arg, Path: l.Arg, Offset: s.par.announced.offset})
}

// cmdSTOU is a STOR to a new name. What the client gives is
// where the name comes from.
func cmdSTOU(s *session, l control.Line) *engine.Command {
	name := uniqueName(strings.TrimSpace(l.Arg))
	path := l.Arg
	if path == "" {
		path = name
	}
	return begin(s, &transfer{verb: "STOR", unique: name}, engine.Command{Verb: "STOR", Arg: name, Path: path})
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
