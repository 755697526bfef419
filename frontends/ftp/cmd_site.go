package ftp

import (
	"strings"
)

func siteCommands() []command {
	return []command{{
		verb: "SITE", does: rewritten, rfc: "959 4.1.3", args: "CHMOD | UTIME | HELP ...", run: (*session).cmdSITE,
		library: "CHMOD without a path panics; no UTIME; MKDIR and RMDIR pass by the rules of MKD and RMD",
	}}
}

// cmdSITE accepts CHMOD, which clients send after uploads and which means
// nothing here, and makes an MFMT of UTIME.
func (s *session) cmdSITE(l line) (string, bool) {
	name, arg := cutWord(strings.TrimSpace(l.arg))
	switch name = upper(name); name {
	case "CHMOD":
		if len(strings.Fields(arg)) < 2 {
			s.reply(501, "SITE CHMOD needs a mode and a path")
			return "", false
		}
		s.reply(200, "Accepted, modes are not kept")
	case "UTIME":
		at, path, ok := parseUTIME(strings.TrimLeft(arg, blank))
		if !ok {
			s.reply(501, "SITE UTIME needs YYYYMMDDhhmmss and a path")
			return "", false
		}
		return s.setTime(at, path), true
	case "HELP":
		s.replyLines(214, "SITE commands", []string{"CHMOD mode path", "UTIME YYYYMMDDhhmmss path", "HELP"}, "End")
	default:
		s.reply(504, "SITE knows CHMOD, UTIME and HELP")
	}
	return "", false
}
