package ftp

import (
	"context"
	"net"

	sessions "github.com/tidegate/tidegate/internal/session"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

// newSession returns the session of a connection. hard has what the rest of the process
// knows of it.
func newSession(hard context.Context, srv *Server, c net.Conn) *session {
	client := sessions.From(hard)
	in := srv.current.Load()
	s := &session{
		client:   client,
		srv:      srv,
		settings: in,
		par:      newParameters(in.TLSMode == TLSImplicit),
		log:      srv.observe.Logger(client),
	}
	s.wireLog = s.log
	s.ctx, s.cancel = context.WithCancel(hard)
	s.control.answering = &answering{}
	s.control.Conn = control.New(s.ctx, c, s.wireLog, dialogue{s.ctx, srv, client, s.control.answering})
	s.awaitLogin()
	s.data = in.data.NewSession(s.ctx, s.log, s.control.Conn, s.start)
	s.engine = engine.New(s.ctx, s, c.LocalAddr(), c.RemoteAddr())
	return s
}

// run serves the session to its end.
func (s *session) run() {
	defer s.login.release()
	defer s.control.Break()
	defer s.cancel()
	stop := context.AfterFunc(s.ctx, s.control.Part)
	defer stop()
	s.srv.observe.SessionStarted(s.ctx, s.client)
	if s.settings.TLSMode == TLSImplicit {
		if err := s.startTLS(); err != nil {
			s.ending, s.failure = noTLS, whyNoTLS(s, err)
			reportEnd(s)
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
	if s.transfer != nil {
		s.transfer.reportOutcome() // a panic has ended the session in the middle of it
	}
	reportEnd(s)
}
