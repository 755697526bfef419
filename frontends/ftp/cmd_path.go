package ftp

import (
	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

func pathCommands() []command {
	return []command{
		{verb: "CWD", does: passed, rfc: "959 4.1.1", args: "path", done: "Directory changed", run: pass},
		{verb: "XCWD", does: passed, rfc: "775", args: "path", done: "Directory changed", run: pass},
		{verb: "CDUP", does: passed, rfc: "959 4.1.1", done: "Directory changed", run: pass},
		{
			verb: "XCUP", does: rewritten, rfc: "775", done: "Directory changed", library: "502",
			run: func(*session, control.Line) *engine.Command { return &engine.Command{Verb: "CDUP"} },
		},
		{verb: "PWD", does: passed, rfc: "959 4.1.3", run: pass},
		{verb: "XPWD", does: passed, rfc: "775", run: pass},
		{verb: "MKD", does: passed, rfc: "959 4.1.3", args: "path", run: pass},
		{verb: "XMKD", does: passed, rfc: "775", args: "path", run: pass},
		{verb: "RMD", does: passed, rfc: "959 4.1.3", args: "path", done: "Directory removed", run: pass},
		{verb: "XRMD", does: passed, rfc: "775", args: "path", done: "Directory removed", run: pass},
		{verb: "DELE", does: passed, rfc: "959 4.1.3", args: "path", done: "File deleted", run: pass},
		{verb: "RNFR", does: passed, rfc: "959 4.1.3", args: "path", done: "Ready for RNTO", run: pass},
		{
			verb: "RNTO", does: passed, rfc: "959 4.1.3", args: "path", done: "Renamed", run: cmdRNTO,
			library: "remembers RNFR over other commands, and after an RNTO that failed",
		},
		{verb: "SIZE", does: passed, rfc: "3659 4", between: true, args: "path", run: cmdSIZE},
		refusal("SMNT", "959 4.1.1", "path", "502", 502, "What is mounted is configured"),
		refusal("AVBL", "draft-peterson-streamlined-ftp-command-extensions 4", "[path]", "202", 502, "Stores do not report free space"),
		refusal("COMB", "none", "target path...", "502, as long as it is off", 502, "Use APPE"),
	}
}

// cmdRNTO passes when RNFR came right before it, and went well.
func cmdRNTO(s *session, l control.Line) *engine.Command {
	if !s.par.announced.renaming {
		s.control.Reply(503, "RNTO comes after RNFR")
		return nil
	}
	return pass(s, l)
}

func cmdSIZE(s *session, l control.Line) *engine.Command {
	if converts(s) {
		s.control.Reply(550, "No SIZE in TYPE A")
		return nil
	}
	return pass(s, l)
}
