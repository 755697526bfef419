package ftp

import (
	"time"

	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func timeCommands() []command {
	return []command{
		{
			verb: "MDTM", does: rewritten, rfc: "3659 3", between: true, args: "[YYYYMMDDhhmmss[+-minutes]] path", run: cmdMDTM,
			library: "does not set times; a directory without one has the year 1",
		},
		{
			verb: "MFMT", does: rewritten, rfc: "draft-somers-ftp-mfxx 3", args: "YYYYMMDDhhmmss path",
			run: cmdMFMT, library: "answers 500 where the path is missing",
		},
		refusal("MFCT", "draft-somers-ftp-mfxx 4", "time path", "502", 502, "The store keeps the time of creation"),
		refusal("MFF", "draft-somers-ftp-mfxx 5", "facts path", "502", 502, "Use MFMT"),
	}
}

// cmdMDTM reports a file's time, or sets it in the form "MDTM time path" that
// old clients use, with a zone behind the time or without. A file may have a name of that form: one that exists is
// asked about.
func cmdMDTM(s *session, l control.Line) *engine.Command {
	at, path, ok := cutZoned(l.Arg)
	if !ok {
		return pass(s, l)
	}
	if _, _, err := s.look(l.Arg, vfs.TypeFile); err == nil {
		return pass(s, l)
	}
	return setTime(at, path)
}

func cmdMFMT(s *session, l control.Line) *engine.Command {
	at, path, ok := cutTime(l.Arg)
	if !ok {
		s.control.Reply(501, "MFMT needs YYYYMMDDhhmmss and a path")
		return nil
	}
	return setTime(at, path)
}

// setTime is the library's command that sets the time of a file.
func setTime(at time.Time, path string) *engine.Command {
	return &engine.Command{Verb: "MFMT", Arg: at.Format(wireTime) + " " + path, Path: path}
}
