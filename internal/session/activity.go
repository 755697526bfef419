package session

import "sync/atomic"

// maxSaid is how many bytes of a command or a reply are kept.
const maxSaid = 200

// Amount is a number of files and their bytes.
type Amount struct{ Files, Bytes int64 }

// Activity is what a session has done so far.
type Activity struct {
	// Commands counts FTP commands or SFTP requests.
	Commands int64
	// In is what was stored, Out what was read. Files that failed count only their bytes.
	In, Out Amount
	// LastCommand is the last FTP command without a password, or the last SFTP request that
	// is not about the content of a file, LastReply the reply to it.
	LastCommand, LastReply string
}

// doing counts what a session does. The bytes are in activity.
type doing struct {
	commands, filesIn, filesOut atomic.Int64
	// verb is the command that is executed, host the name that the client asked for.
	verb, host, login atomic.Pointer[string]
	last              atomic.Pointer[exchange]
}

// exchange is a command with its reply, "" before there is one.
type exchange struct{ command, reply string }

// Activity returns what the session has done so far.
func (s *Session) Activity() Activity {
	d := &s.doing
	in, out := s.Bytes()
	a := Activity{Commands: d.commands.Load(), In: Amount{d.filesIn.Load(), in}, Out: Amount{d.filesOut.Load(), out}}
	if last := d.last.Load(); last != nil {
		a.LastCommand, a.LastReply = last.command, last.reply
	}
	return a
}

// Claims notes the login that the client claims to have, before it has proven it.
func (s *Session) Claims(login string) { s.doing.login.Store(&login) }

// Claimed returns the login that the client has claimed last, "" for none.
func (s *Session) Claimed() string {
	if s == nil {
		return ""
	}
	return stored(&s.doing.login)
}

// Executes notes the verb of the FTP command that the session executes from now on. Unlike
// the last command, it stays while others are answered during a transfer.
func (s *Session) Executes(verb string) { s.doing.verb.Store(&verb) }

// Executing returns the verb of the FTP command that is executed, "" over SFTP.
func (s *Session) Executing() string {
	if s == nil {
		return ""
	}
	return stored(&s.doing.verb)
}

// AsksFor notes the host name that the client has asked for, "" for none.
func (s *Session) AsksFor(host string) { s.doing.host.Store(&host) }

// Host returns the host name that the client has asked for, "" for none.
func (s *Session) Host() string { return stored(&s.doing.host) }

// stored returns a text, "" for one that was never set.
func stored(p *atomic.Pointer[string]) string {
	if t := p.Load(); t != nil {
		return *t
	}
	return ""
}

// Asked counts n commands or requests of the client.
func (s *Session) Asked(n int) { s.doing.commands.Add(int64(n)) }

// Commanded counts a command, whose text must have no password.
func (s *Session) Commanded(text string) {
	s.Asked(1)
	s.Exchanged(text, "")
}

// Replied notes the reply to the last command.
func (s *Session) Replied(text string) {
	for {
		last, next := s.doing.last.Load(), exchange{reply: cut(text)}
		if last != nil {
			next.command = last.command
		}
		if s.doing.last.CompareAndSwap(last, &next) {
			return
		}
	}
}

// Exchanged notes the last command with its reply, and does not count it.
func (s *Session) Exchanged(command, reply string) {
	s.doing.last.Store(&exchange{cut(command), cut(reply)})
}

// Finished counts a file that was written or read as a whole: op is that of vfs.Event.
func (s *Session) Finished(op string) {
	switch {
	case s == nil:
	case op == "write":
		s.doing.filesIn.Add(1)
	case op == "read":
		s.doing.filesOut.Add(1)
	}
}

// cut returns the beginning of a text.
func cut(text string) string { return text[:min(len(text), maxSaid)] }
