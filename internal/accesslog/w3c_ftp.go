package accesslog

import (
	"cmp"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// w3cCommand is what an FTP command has done before its final reply.
type w3cCommand struct {
	// op is its last operation, one that does more than look if there is any.
	op *observe.Event
	// debug says why it was refused, with the error of Windows and IIS's reason.
	debug      string
	win32, sub int
}

// ftp appends the lines about an event of an FTP session. The line of a command comes with its
// final reply, and has what the command has done.
func (w *w3c) ftp(to []byte, e observe.Event, s *w3cSession, line w3cLine) []byte {
	switch e.Name {
	case observe.OperationFinished:
		if s.op == nil || s.op.Op == "stat" || e.Op != "stat" {
			s.op = &e
		}
	case observe.LoginRefused, observe.LoginNotDecided:
		s.debug, s.win32, s.sub = e.Cause, logonFailure, refusedLogon
	case observe.CommandRefused:
		s.debug = cmp.Or(e.Setting, e.Cause)
	case observe.CommandAnswered:
		to = w.command(to, e, s.w3cCommand, line)
		s.w3cCommand = w3cCommand{}
	case observe.DataChannelOpened, observe.DataChannelClosed:
		line.method, line.port, line.took = "DataChannelOpened", e.Port, e.Duration
		if e.Name == observe.DataChannelClosed {
			line.method = "DataChannelClosed"
		}
		to = w.entry(to, e, line)
	case observe.SessionEnded:
		if s.op != nil && s.op.Op != "stat" { // nobody was left to get a reply
			to = w.operation(to, *s.op, w3cLine{at: s.op.Time, user: s.op.User})
		}
		to = w.closed(to, e, line)
	default:
	}
	return to
}

// command appends the line about an FTP command.
func (w *w3c) command(to []byte, e observe.Event, done w3cCommand, line w3cLine) []byte {
	line.method, line.stem, line.status, line.took = e.Command, e.Argument[:min(len(e.Argument), maxText)], e.Reply, e.Duration
	line.debug, line.win32, line.sub = done.debug, done.win32, done.sub
	if op := done.op; op != nil {
		line.full, line.backend, line.requests = fullPath(op.Root, cmp.Or(op.To, op.Path)), op.Backend, op.Requests
		if transfers(e.Command) {
			line.sent, line.received = bytesOf(*op)
		}
		if op.Err != nil && e.Reply >= 400 {
			kind := vfs.KindOf(op.Err)
			line.win32, line.errKind, line.debug = win32(kind), kind.String(), cmp.Or(line.debug, op.Setting, vfs.ReasonOf(op.Err))
		}
	}
	switch {
	case e.Command == "PASS" && e.Reply == 230:
		line.full = "/" // IIS has the directory that the session begins in
	case e.Reply >= 400 && line.win32 == 0:
		line.win32 = win32OfReply(e.Reply)
	}
	return w.entry(to, e, line)
}

// transfers reports whether a command moves a file over a data connection. Others read files
// too, such as HASH, but do not send them.
func transfers(verb string) bool {
	switch verb {
	case "RETR", "STOR", "STOU", "APPE":
		return true
	}
	return false
}

// win32OfReply returns the error of Windows (winerror.h) that means the same as the code of a
// reply to a command that did not get as far as an operation.
func win32OfReply(code int) int {
	switch code {
	case 500, 502, 504, 522, 536:
		return 50 // ERROR_NOT_SUPPORTED
	case 501, 553:
		return 87 // ERROR_INVALID_PARAMETER
	case 425:
		return 10060 // WSAETIMEDOUT
	case 426:
		return 1236 // ERROR_CONNECTION_ABORTED
	case 521, 533, 534, 537:
		return 5 // ERROR_ACCESS_DENIED
	case 530:
		return logonFailure
	}
	return 1359 // ERROR_INTERNAL_ERROR
}
