package ftp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

const handshakeTimeout = 15 * time.Second

// session is one control connection. Fields without a lock belong to the
// library's command goroutine, on which the filter runs.
type session struct {
	srv *Server
	// settings are those in force when the connection was accepted.
	settings *settings
	// client is the session as the rest of the process knows it. ctx has it.
	client *sessions.Session
	// log says who the user is once that is known; wireLog never does, so
	// that the reader may use it at any time.
	log     *slog.Logger
	wireLog *slog.Logger
	// ctx ends with the session, or by force at the end of the grace period.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	control wire
	// held are the lines that wait for the end of a transfer or hash.
	held control.Queue

	engine *engine.Engine
	data   *data.Session
	// ending says why the session is ended from this side, "" when it is not. failure says
	// why the client has not logged in.
	ending  string
	failure observe.Failure

	login login
	par   parameters
	// closeNotify belongs to the running transfer.
	closeNotify closeNotify
	// committedAt is when an upload was committed last, in Unix nanoseconds.
	committedAt atomic.Int64
	// passed is what the library executes, unless that is transfer.
	passed   passedCommand
	transfer *transfer
}

// start runs f on a goroutine that the session waits for.
func (s *session) start(f func()) {
	s.wg.Go(func() {
		defer s.contain()
		f()
	})
}

// collapse ends the session because of a panic on the filter's goroutine. It returns
// io.EOF, with which the library ends its side.
func (s *session) collapse(r any) error {
	err := s.Panicked(r)
	if s.transfer != nil {
		s.transfer.abort(err)
	}
	return io.EOF
}

// contain ends the session, and nothing else, because of a panic.
func (s *session) contain() {
	if r := recover(); r != nil {
		endByPanic(s, r)
	}
}

func endByPanic(s *session, r any) {
	_ = s.Panicked(r)
	s.cancel()
	s.control.Break()
}

// Panicked logs a panic and returns the error to answer with.
func (s *session) Panicked(r any) error {
	s.log.Error("panic, the command fails", "panic", r, "stack", string(debug.Stack()))
	return vfs.NewError(vfs.KindInternal, errors.New("panic"))
}

// startTLS replaces the control connection by TLS over it.
func (s *session) startTLS() error {
	ctx, cancel := context.WithTimeout(s.ctx, min(handshakeTimeout, time.Until(s.login.due)))
	defer cancel()
	begun, cause := time.Now(), ""
	err := s.control.StartTLS(ctx, s.data.ControlTLS())
	if failed, ok := errors.AsType[*control.HandshakeError](err); ok {
		cause = string(failed.Cause)
	}
	tracing.RecordStep(s.ctx, tracing.TLSHandshake, begun, time.Now(), cause)
	if err != nil {
		return err
	}
	noteServerName(s, s.control.TLS().ServerName)
	if certificate := clientCertificate(s.control.TLS()); certificate != nil {
		s.data.CertifiedBy(certificate)
	}
	return nil
}

// noTLS is why a session ends whose TLS handshake has failed.
const noTLS = "TLS handshake failed"

// passedCommand is a command that the library executes, with its argument.
type passedCommand struct {
	*command
	arg string
}
