package ftp

func transferCommands() []command {
	const late = "reads nothing else until the data connection is there"
	return []command{
		{verb: "RETR", does: rewritten, rfc: "959 4.1.3", argument: true, transfers: true, run: transferred, library: late},
		{verb: "STOR", does: rewritten, rfc: "959 4.1.3", argument: true, transfers: true, run: transferred, library: late},
		{verb: "APPE", does: rewritten, rfc: "959 4.1.3", argument: true, transfers: true, run: transferred, library: late},
	}
}

func transferred(s *session, l line) (string, bool) {
	return s.begin(l.verb, l.verb+" "+l.arg, nil)
}
