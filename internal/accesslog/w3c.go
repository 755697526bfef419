package accesslog

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// w3cFields are the fields of a line: all that IIS's FTP service has, in its order, and our
// own, with "x-".
const w3cFields = "date time c-ip c-port cs-username s-sitename s-computername cs-host s-ip s-port cs-method cs-uri-stem " +
	"sc-status sc-win32-status sc-substatus sc-bytes cs-bytes time-taken x-session x-fullpath x-debug " +
	"x-protocol x-tenant x-backend x-error-kind x-store-requests"

// w3c is the format of IIS: over FTP a line for each command, over SFTP one for each
// operation, as if it were a command of FTP.
type w3c struct {
	node     string
	sessions map[*session.Session]*w3cSession
}

// w3cSession is what is known of a session.
type w3cSession struct {
	// opened is when it began, if unopened: then it has no line yet. A session that stays
	// silent, as that of a load balancer's probe, has none.
	opened   time.Time
	unopened bool
	w3cCommand
}

// maxSessions bounds the sessions: the event that takes one out may have been dropped.
const maxSessions = 1 << 16

func newW3C(node string) *w3c { return &w3c{node, map[*session.Session]*w3cSession{}} }

// session returns what is known of the session of an event.
func (w *w3c) session(e observe.Event) *w3cSession {
	s, ok := w.sessions[e.Session]
	if !ok {
		if len(w.sessions) == maxSessions {
			clear(w.sessions)
		}
		s = &w3cSession{}
		w.sessions[e.Session] = s
	}
	return s
}

// header returns the lines at the beginning of a file.
func (w *w3c) header(now time.Time) []byte {
	return []byte("#Software: Tidegate\r\n#Version: 1.0\r\n#Date: " + now.UTC().Format(time.DateTime) + "\r\n#Fields: " + w3cFields + "\r\n")
}

// w3cLine is what a line has beside what all lines of a session have.
type w3cLine struct {
	at                      time.Time
	user                    session.User
	method, stem, full      string
	status, win32, sub      int
	sent, received          int64
	took                    time.Duration
	debug, backend, errKind string
	requests                int64
	// port is that of the gateway, 0 for the one of the session.
	port uint16
}

func (w *w3c) append(to []byte, e observe.Event) []byte {
	s := w.session(e)
	switch {
	case e.Name == observe.SessionStarted:
		s.opened, s.unopened = e.Time, true
		return to
	case e.Name == observe.SessionEnded:
		delete(w.sessions, e.Session)
		if e.Silent && s.unopened {
			return to
		}
	}
	if s.unopened {
		to = w.entry(to, e, w3cLine{at: s.opened, method: "ControlChannelOpened"})
		s.unopened = false
	}
	line := w3cLine{at: e.Time, user: e.User}
	if e.Protocol == "ftp" {
		return w.ftp(to, e, s, line)
	}
	switch e.Name {
	case observe.OperationFinished:
		return w.operation(to, e, line)
	case observe.LoginSucceeded:
		return w.login(to, e, cmp.Or(e.Session.Claimed(), e.User.Name), 230, 0, 0)
	case observe.LoginRefused, observe.LoginNotDecided:
		return w.login(to, e, e.Login[:min(len(e.Login), maxLogin)], 530, logonFailure, refusedLogon)
	case observe.CommandRefused:
		line.method, line.stem, line.status, line.debug = e.Op, e.Path, replyCode(e.Reason), cmp.Or(e.Setting, e.Cause)
	case observe.SessionEnded:
		return w.closed(to, e, line)
	default:
		return to
	}
	return w.entry(to, e, line)
}

// closed appends a line about the end of a session.
func (w *w3c) closed(to []byte, e observe.Event, line w3cLine) []byte {
	line.method, line.took, line.debug = "ControlChannelClosed", e.Duration, cmp.Or(e.Cause, e.Reason)
	return w.entry(to, e, line)
}

// logonFailure is the error of Windows (winerror.h) for a login that is refused, and
// refusedLogon the reason that IIS adds for a wrong password.
const logonFailure, refusedLogon = 1326, 41

// maxLogin is how many bytes of a login a line holds: more than a valid login has.
const maxLogin = 1 << 10

// login appends the two commands that a login consists of.
func (w *w3c) login(to []byte, e observe.Event, name string, status, win32, sub int) []byte {
	to = w.entry(to, e, w3cLine{at: e.Time, method: "USER", stem: name, status: 331})
	return w.entry(to, e, w3cLine{
		at: e.Time, user: e.User, method: "PASS", stem: "***", status: status, win32: win32, sub: sub, debug: e.Cause,
	})
}

// operation appends a line about an operation, and before it one about the source of a
// rename or a copy, as IIS does.
func (w *w3c) operation(to []byte, e observe.Event, line w3cLine) []byte {
	line.method, line.stem, line.full, line.backend = verbOf(e), e.Path, fullPath(e.Root, e.Path), e.Backend
	line.requests = e.Requests
	if from := source(line.method); from != "" {
		first := line
		first.method, first.status, first.requests = from, 350, 0
		to = w.entry(to, e, first)
		line.stem, line.full = e.To, fullPath(e.Root, e.To)
	}
	line.status = codeOf(e, line.method)
	line.sent, line.received = bytesOf(e)
	line.took = e.Duration
	if e.Err != nil {
		kind := vfs.KindOf(e.Err)
		line.win32, line.errKind, line.debug = win32(kind), kind.String(), vfs.ReasonOf(e.Err)
	}
	return w.entry(to, e, line)
}

// source returns the command that names the source before this one, "" for none.
func source(verb string) string {
	switch verb {
	case "RNTO":
		return "RNFR"
	case "CPTO":
		return "CPFR"
	}
	return ""
}

// entry appends one line about e.
func (w *w3c) entry(to []byte, e observe.Event, l w3cLine) []byte {
	var local netip.AddrPort
	id, host := "", ""
	if e.Session != nil {
		local, id, host = e.Session.Local, e.Session.ID, e.Session.Host()
	}
	to = l.at.UTC().AppendFormat(to, "2006-01-02 15:04:05")
	to = appendAddress(to, e.Remote)
	for _, text := range []string{userName(l.user), e.Frontend, w.node, host} {
		to = appendText(to, text)
	}
	if l.port != 0 {
		local = netip.AddrPortFrom(local.Addr(), l.port)
	}
	to = appendAddress(to, local)
	for _, text := range []string{l.method, l.stem} {
		to = appendText(to, text)
	}
	if l.status == 0 {
		to = append(to, " -"...)
	} else {
		to = strconv.AppendInt(append(to, ' '), int64(l.status), 10)
	}
	for _, n := range []int64{int64(l.win32), int64(l.sub), l.sent, l.received, l.took.Milliseconds()} {
		to = strconv.AppendInt(append(to, ' '), n, 10)
	}
	for _, text := range []string{id, l.full, l.debug, e.Protocol, l.user.Tenant, l.backend, l.errKind} {
		to = appendText(to, text)
	}
	to = strconv.AppendInt(append(to, ' '), l.requests, 10)
	return append(to, '\r', '\n')
}

func appendAddress(to []byte, a netip.AddrPort) []byte {
	if !a.IsValid() {
		return append(to, " - -"...)
	}
	to = a.Addr().AppendTo(append(to, ' '))
	return strconv.AppendUint(append(to, ' '), uint64(a.Port()), 10)
}

// appendText appends a space and a value that has none: "-" for nothing, "+" for a space.
// "+" itself, "%", control characters, other spaces and what is no UTF-8 are percent-encoded,
// so that a line can always be split, and a value restored.
func appendText(to []byte, text string) []byte {
	to = append(to, ' ')
	if text == "" {
		return append(to, '-')
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == ' ':
			to = append(to, '+')
		case r == '+', r == '%', unicode.IsControl(r), unicode.IsSpace(r), r == utf8.RuneError && n == 1:
			for _, b := range []byte(text[:n]) {
				to = append(to, '%')
				to = append(to, strings.ToUpper(strconv.FormatUint(uint64(b)|0x100, 16)[1:])...)
			}
		default:
			to = append(to, text[:n]...)
		}
		text = text[n:]
	}
	return to
}

// win32 returns the error of Windows (winerror.h) that means the same as a kind: programs
// that read logs of IIS count these.
func win32(kind vfs.Kind) int {
	switch kind {
	case vfs.KindNotExist:
		return 2 // ERROR_FILE_NOT_FOUND
	case vfs.KindExist:
		return 183 // ERROR_ALREADY_EXISTS
	case vfs.KindIsDir:
		return 336 // ERROR_DIRECTORY_NOT_SUPPORTED
	case vfs.KindNotDir:
		return 267 // ERROR_DIRECTORY
	case vfs.KindNotEmpty:
		return 145 // ERROR_DIR_NOT_EMPTY
	case vfs.KindPermission:
		return 5 // ERROR_ACCESS_DENIED
	case vfs.KindInvalid:
		return 123 // ERROR_INVALID_NAME
	case vfs.KindOffset:
		return 132 // ERROR_SEEK_ON_DEVICE
	case vfs.KindUnsupported:
		return 50 // ERROR_NOT_SUPPORTED
	case vfs.KindCrossMount:
		return 17 // ERROR_NOT_SAME_DEVICE
	case vfs.KindTooMany:
		return 154 // ERROR_LABEL_TOO_LONG
	case vfs.KindTooLarge:
		return 223 // ERROR_FILE_TOO_LARGE
	case vfs.KindConflict:
		return 32 // ERROR_SHARING_VIOLATION
	case vfs.KindLocked:
		return 33 // ERROR_LOCK_VIOLATION
	case vfs.KindNoSpace:
		return 112 // ERROR_DISK_FULL
	case vfs.KindQuota:
		return 1295 // ERROR_DISK_QUOTA_EXCEEDED
	case vfs.KindBusy:
		return 170 // ERROR_BUSY
	case vfs.KindUnavailable:
		return 21 // ERROR_NOT_READY
	case vfs.KindCanceled:
		return 1236 // ERROR_CONNECTION_ABORTED
	case vfs.KindInternal:
	}
	return 1359 // ERROR_INTERNAL_ERROR
}
