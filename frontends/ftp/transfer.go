package ftp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// transfer is one command that uses the data connection, from the command to
// its last reply. It knows why it failed, and whether an upload may still be
// committed.
type transfer struct {
	s    *session
	verb string
	// ctx ends when the transfer is aborted.
	ctx    context.Context
	cancel context.CancelFunc
	data   *data.Conn
	// ended and leave are called at the end of the transfer: ended for the count of running
	// transfers of the session, and leave for that of the user. leave may be nil.
	ended, leave func()
	// listing, when set, is what the library's RETR is for.
	listing *listing
	// name is the path of the file as the client wrote it.
	name string
	// unique, when set, is the name of a STOU: it must be new.
	unique string
	// expected is how many bytes a download is to send.
	download bool
	expected int64

	announcement

	// code is that of the library's final reply, valid once done is closed.
	code int
	done chan struct{}
	// unheard is set when the client has sent more than is read meanwhile.
	unheard atomic.Bool

	mu sync.Mutex
	// outcomes of report are guarded by mu.
	report report
	// state is how far the transfer is; cause is why it failed.
	state transferState
	cause error
}

// announcement is what the client has set for a transfer.
type announcement struct {
	// announced is the size of the upload by ALLO, offset the position by REST.
	announced, offset int64
	// binary is TYPE I. Without it, ascii is true when ends of line are converted.
	binary, ascii bool
}

// uploads reports whether the client sends. STOU is a STOR by now.
func (t *transfer) uploads() bool { return t.verb == "STOR" || t.verb == "APPE" }

// begin begins the transfer of a command, for which the library executes c. The caller
// has said what t is for.
func begin(s *session, t *transfer, c engine.Command) *engine.Command {
	if must, setting := mustProtect(s); must && !s.par.protected {
		s.refuseBy(t.verb, answer{521, "Data connections must be protected, use PROT P"}, "tls_required", setting)
		return nil
	}
	t.data = s.data.Take(data.Use{Command: t.command(), Upload: t.uploads(), Protected: s.par.protected})
	if t.data == nil {
		s.control.Reply(425, "No data connection, use PASV or EPSV first")
		return nil
	}
	t.s, t.done = s, make(chan struct{})
	t.announcement = announcement{s.par.announced.size, c.Offset, s.par.binary, converts(s)}
	t.ctx, t.cancel = context.WithCancel(s.ctx)
	t.ended = s.client.BeginTransfer()
	s.transfer, c.Transfer = t, t
	return &c
}

// transferState is how far a transfer is; doc.go has the diagram.
type transferState uint8

const (
	running transferState = iota
	// failed transfers cannot succeed any more.
	failed
	// committing uploads can fail only in the store. Every command that arrives now
	// waits for the outcome.
	committing
)

// transferEvent is what moves a transfer on.
type transferEvent uint8

const (
	// broken is a reason of the transfer's own, aborted one of the client or the
	// server.
	broken transferEvent = iota
	aborted
	complete
)

// on is the one transition of the state, which it returns. The first cause stays.
func (t *transfer) on(e transferEvent, cause error) transferState {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.state != running && (t.state == failed || e != broken):
	case e == complete:
		t.state = committing
	default:
		t.state, t.cause = failed, cause
	}
	return t.state
}

// abort ends the transfer because of err, unless its commit has begun: then
// the outcome decides.
func (t *transfer) abort(err error) {
	if t.on(aborted, err) == failed {
		t.cancel()
		t.data.Kill()
	}
}

// Fail notes why the transfer cannot succeed. The first reason stays; nil is none.
func (t *transfer) Fail(err error) {
	if err != nil {
		t.on(broken, err)
	}
}

func (t *transfer) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cause
}

// Data is the data connection.
func (t *transfer) Data() net.Conn { return transferConn{t.data, t} }

// transferConn is the data connection as the engine has it.
type transferConn struct {
	*data.Conn
	t *transfer
}

// Close is called at the end of the transfer. A connection that has not arrived is left
// to close.
func (c transferConn) Close() error {
	if !c.IsBound() {
		return nil
	}
	c.t.awaitEvidence()
	c.Finish(c.t.failure() == nil)
	return nil
}

// Begun sends the preliminary reply.
func (t *transfer) Begun() { t.s.control.Reply(150, t.preliminary()) }

// Finished takes the code of the library's final reply.
func (t *transfer) Finished(code int) {
	if errors.Is(t.failure(), engine.ErrUnprepared) {
		t.s.log.Error("ftpserverlib refused to prepare a transfer")
	}
	t.code = code
	close(t.done)
}

// preliminary is the text of the 150. BSD's form has become a part of the protocol:
// Java's URLConnection and .NET's FtpWebRequest take the length of a download from
// it, as curl and lftp do when they know no other. The number is how many bytes will come
// after the position of REST, because these clients wait for that many. A name that could be
// taken for the number is left out.
func (t *transfer) preliminary() string {
	if t.unique != "" {
		return "FILE: " + t.unique // RFC 1123, 4.1.2.9
	}
	text := "Opening ASCII mode data connection"
	if t.binary && t.listing == nil {
		text = "Opening BINARY mode data connection"
	}
	switch {
	case t.listing != nil:
		text += " for file list"
	case !strings.ContainsAny(t.name, "()"):
		text += " for " + t.name
	}
	if t.download && !t.ascii {
		text += fmt.Sprintf(" (%d bytes)", t.expected)
	}
	return text + "."
}

// succeeded reports, once done is closed, whether the client got all or its upload is
// committed.
func (t *transfer) succeeded() bool {
	cause := t.failure()
	return t.code < 300 && (cause == nil || !errors.As(cause, new(*data.Error)) && !errors.Is(cause, errMixUp))
}

// answer is the final reply.
func (t *transfer) answer() answer {
	cause := t.failure()
	if t.succeeded() {
		return answer{226, fmt.Sprintf("Transfer complete, %d bytes", t.data.Bytes())}
	}
	var broken *data.Error
	var aborted *abortCondition
	switch {
	case cause == nil:
		// The library has a reason of its own, such as a panic of ours.
		return answer{451, "Internal error"}
	case errors.Is(cause, engine.ErrUnprepared):
		return answer{425, "Cannot open data connection"}
	case errors.As(cause, &broken):
		return answer{broken.Code, broken.Text}
	case errors.As(cause, &aborted):
		return answer{aborted.code, aborted.text}
	default:
		return errorAnswer(t.verb, cause)
	}
}

// statusOf is the answer to STAT during the transfer.
func (t *transfer) status() string { return fmt.Sprintf("Transferred %d bytes", t.data.Bytes()) }

// close frees what the transfer holds. A data connection that was never used is closed
// beside the session.
func (t *transfer) close() {
	t.ended()
	if t.leave != nil {
		t.leave()
	}
	t.cancel()
	if !t.data.IsShut() {
		t.s.data.Dismiss(t.data)
	}
}

// outcome is what is to be reported of the store's part in a download or listing, once
// it is known whether the client got it.
type outcome struct {
	ctx   context.Context
	event vfs.Event
}

// converts reports whether ends of line are converted now. Positions and sizes
// mean nothing then: SIZE would have to read the file (RFC 3659, 4 and 5).
func converts(s *session) bool { return !s.par.binary && s.login.account.User.Dialect.ConvertASCII }

func (t *transfer) policy() tenant.UploadPolicy { return t.s.login.account.User.Uploads }
