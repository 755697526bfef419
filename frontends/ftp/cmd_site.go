package ftp

import (
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func siteCommands() []command {
	return []command{{
		verb: "SITE", does: rewritten, rfc: "959 4.1.3", args: "CHMOD | UTIME | HELP ...", run: cmdSITE,
		library: "CHMOD without a path panics; no UTIME; MKDIR also makes the parents, and RMDIR removes a whole tree",
	}}
}

// cmdSITE accepts CHMOD, which clients send after uploads and which means
// nothing here, and makes an MFMT of UTIME.
func cmdSITE(s *session, l control.Line) *engine.Command {
	name, arg := cutWord(strings.TrimSpace(l.Arg))
	switch name = control.Upper(name); name {
	case "CHMOD":
		if len(strings.Fields(arg)) < 2 {
			s.control.Reply(501, "SITE CHMOD needs a mode and a path")
			return nil
		}
		s.control.Reply(200, "Accepted, modes are not kept")
	case "UTIME":
		at, path, ok := parseUTIME(strings.TrimLeft(arg, blank))
		if !ok {
			s.control.Reply(501, "SITE UTIME needs YYYYMMDDhhmmss and a path")
			return nil
		}
		return setTime(at, path)
	case "HELP":
		s.control.ReplyLines(214, "SITE commands", []string{"CHMOD mode path", "UTIME YYYYMMDDhhmmss path", "HELP"}, "End")
	default:
		s.control.Reply(504, "SITE knows CHMOD, UTIME and HELP")
	}
	return nil
}
