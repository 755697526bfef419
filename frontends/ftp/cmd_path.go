package ftp

func pathCommands() []command {
	return []command{
		{verb: "CWD", does: passed, rfc: "959 4.1.1", argument: true, done: "Directory changed", run: pass},
		{verb: "XCWD", does: passed, rfc: "775", argument: true, done: "Directory changed", run: pass},
		{verb: "CDUP", does: passed, rfc: "959 4.1.1", done: "Directory changed", run: pass},
		{
			verb: "XCUP", does: rewritten, rfc: "775", done: "Directory changed", library: "502",
			run: func(*session, line) (string, bool) { return "CDUP", true },
		},
		{verb: "PWD", does: passed, rfc: "959 4.1.3", run: pass},
		{verb: "XPWD", does: passed, rfc: "775", run: pass},
		{verb: "MKD", does: passed, rfc: "959 4.1.3", argument: true, run: pass},
		{verb: "XMKD", does: passed, rfc: "775", argument: true, run: pass},
		{verb: "RMD", does: passed, rfc: "959 4.1.3", argument: true, done: "Directory removed", run: pass},
		{verb: "XRMD", does: passed, rfc: "775", argument: true, done: "Directory removed", run: pass},
		{verb: "DELE", does: passed, rfc: "959 4.1.3", argument: true, done: "File deleted", run: pass},
		{verb: "RNFR", does: passed, rfc: "959 4.1.3", argument: true, done: "Ready for RNTO", run: pass},
		{verb: "RNTO", does: passed, rfc: "959 4.1.3", argument: true, done: "Renamed", run: pass},
		{verb: "SIZE", does: passed, rfc: "3659 4", argument: true, run: pass},
		{verb: "MDTM", does: passed, rfc: "3659 3", argument: true, run: pass},
		{verb: "MFMT", does: passed, rfc: "draft-somers-ftp-mfxx 3", argument: true, run: pass},
	}
}
