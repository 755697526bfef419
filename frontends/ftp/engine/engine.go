package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"

	ftpserver "github.com/fclairamb/ftpserverlib"

	"github.com/tidegate/tidegate/vfs"
)

// Session is the session that an Engine serves.
type Session interface {
	// Next returns the next command for the library. When it is called, everything
	// before was answered, except a transfer that runs. An error ends the engine;
	// io.EOF is the end in order.
	Next() (Command, error)
	// Replied takes the reply to the last command, which was no transfer, or the
	// greeting when there was no command yet.
	Replied(Reply)
	// Login checks a password and returns the user's tree. With ErrRetry, the session
	// continues after a wrong one.
	Login(user, password string) (*vfs.View, error)
	// Panicked reports a panic and returns the error that the command fails with.
	Panicked(r any) error
}

// Command is what the library is to execute.
type Command struct {
	// Verb and Arg are the line. The library's own names of commands count: CDUP, not
	// XCUP.
	Verb, Arg string
	// Path is the path in Arg as the client wrote it.
	Path string
	// Transfer is set for RETR, STOR and APPE, which begin at Offset.
	Transfer Transfer
	Offset   int64
	// Restart has another instance of the library take over; nothing is executed.
	Restart Restart
}

// Restart says whether the next instance of the library greets the client.
type Restart uint8

// The ways to restart.
const (
	NoRestart Restart = iota
	RestartSilently
	RestartWithGreeting
)

func (c Command) line() string {
	if c.Arg == "" {
		return c.Verb
	}
	return c.Verb + " " + c.Arg
}

// Reply is a reply of the library.
type Reply struct {
	Code int
	// Text is what stands behind the code in the last line.
	Text string
	// Err is what the user's tree reported to the command, nil where it was not asked
	// or the operation succeeded.
	Err error
}

// Transfer is a command that uses a data connection.
type Transfer interface {
	// Data is the data connection. It is used as soon as the command is executed.
	Data() net.Conn
	// Open opens the file at p, which is a Download or an Upload.
	Open(p vfs.Path) (io.Closer, error)
	// Begun is called when the preliminary reply is due.
	Begun()
	// Fail notes why the transfer cannot succeed. The first reason counts.
	Fail(err error)
	// Finished takes the code of the final reply. The library is done with the
	// transfer.
	Finished(code int)
}

// Download is a file that is sent. Its Close is called at the end.
type Download interface {
	io.WriterTo
	io.Closer
}

// Upload is a file that is received. Its Close decides whether it is stored. Write is
// called, with nothing, for an empty file.
type Upload interface {
	io.ReaderFrom
	io.Writer
	io.Closer
}

var (
	// ErrRetry is wrapped by the error of a Login after which another may be tried.
	ErrRetry = errors.New("engine: another password may be tried")
	// ErrUnprepared is the failure of a transfer whose EPSV or REST the library refused.
	ErrUnprepared = errors.New("engine: the library does not prepare the transfer")
)

// Engine runs the library for one session. Its fields belong to the library's command
// goroutine, but for transfer, path and listener: while a transfer runs, they belong to
// the library's goroutine of the transfer.
type Engine struct {
	ctx           context.Context
	session       Session
	local, remote net.Addr

	library *libraryConn
	// client is the library's session; nil before it has one.
	client ftpserver.ClientContext
	view   *vfs.View
	// restart says whether another instance takes over, greets whether the greeting of
	// this one is reported.
	restart Restart
	greets  bool

	// command is what the library executes, err what the user's tree reported to it.
	command Command
	err     error
	// queued are the lines that the library has not taken yet of a transfer; prepared
	// is true when it accepted the last one.
	queued   []string
	prepared bool
	transfer Transfer
	// path is that of the transfer as the client wrote it.
	path string
	// listener yields the data connection of transfer; nil before the EPSV.
	listener *dataListener
	rename   rename
}

// rename is what RNFR found.
type rename struct {
	// path is the path as the client wrote it, version that of the file.
	path, version string
}

// New returns an Engine for a client that connected from remote to local. Operations on
// the tree run under ctx.
func New(ctx context.Context, session Session, local, remote net.Addr) *Engine {
	return &Engine{ctx: ctx, session: session, local: local, remote: remote, greets: true}
}

// Path is the working directory: "/" before the login.
func (e *Engine) Path() string {
	if e.client == nil {
		return "/"
	}
	return e.client.Path()
}

// next returns the next line for the library.
func (e *Engine) next() (string, error) {
	if text, ok := e.nextQueued(); ok {
		return text, nil
	}
	e.command, e.err = Command{}, nil
	c, err := e.session.Next()
	if err != nil {
		return "", err
	}
	if e.restart = c.Restart; e.restart != NoRestart {
		return "", io.EOF
	}
	e.command = c
	if c.Transfer == nil {
		return c.line(), nil
	}
	e.transfer, e.path, e.prepared = c.Transfer, c.Path, false
	if c.Offset > 0 {
		e.queued = append(e.queued, "REST "+strconv.FormatInt(c.Offset, 10))
	}
	e.queued = append(e.queued, c.line())
	return "EPSV", nil
}

// nextQueued returns the next line of a transfer that is being prepared. A transfer
// that the library refuses to prepare ends here.
func (e *Engine) nextQueued() (text string, ok bool) {
	if len(e.queued) == 0 {
		return "", false
	}
	if !e.prepared {
		t := e.transfer
		e.queued = nil
		e.endTransfer()
		t.Fail(ErrUnprepared)
		t.Finished(ftpserver.StatusCannotOpenDataConnection)
		return "", false
	}
	text, e.queued = e.queued[0], e.queued[1:]
	return text, true
}

// replied takes a whole reply of the library, and reports it unless it answers what the
// session did not ask for.
func (e *Engine) replied(code int, text string) {
	switch t := e.transfer; {
	case len(e.queued) > 0:
		e.prepared = code < 400
	case t != nil && code < 200:
		t.Begun()
	case t != nil:
		e.endTransfer()
		t.Finished(code)
	case e.command.Verb == "" && code == ftpserver.StatusServiceReady && !e.greets:
		// The client has its greeting.
	default:
		e.session.Replied(Reply{Code: code, Text: text, Err: e.err})
	}
}

// endTransfer forgets the transfer. Its listener may never have been used.
func (e *Engine) endTransfer() {
	if e.listener != nil {
		_ = e.listener.Close()
	}
	e.transfer, e.listener = nil, nil
}
