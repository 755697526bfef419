package ftp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
	"github.com/tidegate/tidegate/frontends/listen"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

const handshakeTimeout = 15 * time.Second

// session is one control connection. Fields without a lock belong to the
// library's command goroutine, on which the filter runs.
type session struct {
	srv *Server
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

	control *control.Conn

	engine *engine.Engine
	data   *data.Session
	// ending says why the session is ended from this side, "" when it is not.
	ending string

	login login
	par   parameters
	// committedAt is when an upload was committed last, in Unix nanoseconds.
	committedAt atomic.Int64
	// passed is what the library executes, unless that is transfer.
	passed   passedCommand
	transfer *transfer
}

func newSession(hard context.Context, srv *Server, c net.Conn) *session {
	client := srv.observe.NewSession(listen.RemoteOf(c))
	s := &session{
		client: client,
		srv:    srv,
		par:    newParameters(srv.o.TLSMode == TLSImplicit),
		log:    srv.observe.Logger(client),
	}
	s.wireLog = s.log
	s.ctx, s.cancel = context.WithCancel(sessions.NewContext(hard, client))
	s.control = control.New(s.ctx, c, s.wireLog)
	s.awaitLogin()
	s.data = srv.data.NewSession(s.ctx, s.log, s.control, s.start)
	s.engine = engine.New(s.ctx, s, c.LocalAddr(), c.RemoteAddr())
	return s
}

// run serves the session to its end.
func (s *session) run() {
	defer s.control.Break()
	defer s.cancel()
	stop := context.AfterFunc(s.ctx, s.control.Part)
	defer stop()
	s.srv.observe.SessionStarted(s.ctx, s.client)
	if s.srv.o.TLSMode == TLSImplicit {
		if err := s.startTLS(); err != nil {
			logHandshake(s, err)
			s.srv.observe.SessionEnded(s.ctx, s.client, "TLS handshake failed")
			return
		}
	}
	s.start(func() { s.control.ReadLines(s.noteLoss) })
	if err := s.engine.Serve(); err != nil {
		s.log.Error("cannot start the session", "err", err)
	}
	switch {
	case s.ending != "":
	case s.ctx.Err() != nil && s.srv.draining.Err() != nil:
		s.ending = sessions.EndShutdown
	case !s.loggedIn():
		s.ending = sessions.EndNoLogin
	}
	s.data.Logout(s.log)
	s.data.Withdraw()
	s.cancel()
	s.control.Close()
	s.wg.Wait()
	s.srv.observe.SessionEnded(s.ctx, s.client, s.ending)
}

// start runs f on a goroutine that the session waits for.
func (s *session) start(f func()) {
	s.wg.Go(func() {
		defer s.contain()
		f()
	})
}

// collapse ends the session because of a panic on the filter's goroutine. What it
// returns is the end of the library's connection.
func (s *session) collapse(r any) error {
	err := s.Panicked(r)
	if s.transfer != nil {
		s.transfer.abandon(err)
	}
	return io.EOF
}

// contain ends the session, and nothing else, because of a panic.
func (s *session) contain() {
	if r := recover(); r != nil {
		_ = s.Panicked(r)
		s.cancel()
		s.control.Break()
	}
}

// Panicked logs a panic and returns the error that the client hears of.
func (s *session) Panicked(r any) error {
	s.log.Error("panic, the command fails", "panic", r, "stack", string(debug.Stack()))
	return vfs.NewError(vfs.KindInternal, errors.New("panic"))
}

// startTLS replaces the control connection by TLS over it.
func (s *session) startTLS() error {
	ctx, cancel := context.WithTimeout(s.ctx, min(handshakeTimeout, time.Until(s.login.due)))
	defer cancel()
	return s.control.StartTLS(ctx, s.data.ControlTLS())
}

// logHandshake writes the line for a handshake that failed.
func logHandshake(s *session, err error) {
	attrs := []any{"err", err}
	if hint := control.HandshakeHint(err); hint != "" {
		attrs = append(attrs, "hint", hint)
	}
	s.log.Info("TLS handshake failed", attrs...)
}
