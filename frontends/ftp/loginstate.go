package ftp

import (
	"slices"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxTries is how many passwords a connection may try.
	maxTries = 3
	// maxBadCommands ends connections that speak something else, and
	// maxEarlyCommands those that send many commands and do not log in.
	maxBadCommands   = 10
	maxEarlyCommands = 100
)

// loginState is how far the login of a session is; doc.go has the diagram.
type loginState uint8

const (
	// anonymous sessions must log in before they are due.
	anonymous loginState = iota
	identified
	// barred sessions end: they have had their tries.
	barred
)

// loginEvent is what moves a login on.
type loginEvent uint8

const (
	// lineRead is a line that was read before the login, notUnderstood one of those
	// that is no command.
	lineRead loginEvent = iota
	notUnderstood
	passwordRefused
	passwordAccepted
	reinitialized
)

// login is who the client is. The zero value is that of a new connection.
type login struct {
	state loginState
	// why says why the session is barred.
	why string
	// bad counts lines that are no commands, early all lines, both before the login,
	// and failures wrong passwords.
	bad, early, failures int
	// due is when the client must have logged in.
	due time.Time
	// place is the connection's among those that have not logged in.
	place *listen.Login
	// host is the host name that the client asked for.
	host host
	// named is true after USER, until the reply to PASS.
	named bool
	// account and view are those of an identified session.
	account *auth.Account
	view    *vfs.View
	// leave ends what the session counts among those of its user; nil when it does not.
	leave func()
	// refusal, when it is set, is the reply to a login whose password was right.
	refusal answer
	// kept are the functions that release what was acquired to log in, by where it
	// came from. They are called at the end of the session and not by REIN, since what
	// was begun before may still run.
	kept map[*auth.Authenticator]func()
}

// requiresTLS reports whether the user may not use FTP without TLS.
func (l *login) requiresTLS() bool {
	return l.account != nil && len(l.account.Protocols) > 0 && !slices.Contains(l.account.Protocols, auth.FTP)
}

// keep has release called at the end of the session. One release of each
// Authenticator is enough.
func (l *login) keep(from *auth.Authenticator, release func()) {
	if l.kept[from] != nil {
		release()
		return
	}
	if l.kept == nil {
		l.kept = map[*auth.Authenticator]func(){}
	}
	l.kept[from] = release
}

// depart ends what the session counts among those of its user.
func (l *login) depart() {
	if l.leave != nil {
		l.leave()
		l.leave = nil
	}
}

// release is the end of the session.
func (l *login) release() {
	l.depart()
	for _, release := range l.kept {
		release()
	}
	l.kept = nil
}

// on is the one transition of the state.
func (l *login) on(e loginEvent) {
	switch e {
	case lineRead:
		if l.state == anonymous {
			l.early++
			l.bar(l.early >= maxEarlyCommands, "too many commands before the login")
		}
	case notUnderstood:
		// A client that has logged in speaks FTP, whatever its keep-alive is.
		if l.state != identified {
			l.bad++
			l.bar(l.bad >= maxBadCommands, "too many bad commands")
		}
	case passwordRefused:
		l.failures++
		l.named = false
		l.bar(l.failures >= maxTries, "too many wrong passwords")
	case passwordAccepted:
		// The line that bars a session may be the one that logs it in.
		l.state, l.why, l.bad, l.early = identified, "", 0, 0
	case reinitialized:
		if l.state == identified {
			l.state = anonymous
		}
		l.account, l.view = nil, nil
		l.named = false
		l.depart()
	}
}

func (l *login) bar(is bool, why string) {
	if is {
		l.state, l.why = barred, why
	}
}
