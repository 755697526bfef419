package ftp

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

// Next returns the next command that the library shall execute, and does everything
// else that the client asks for meanwhile. io.EOF ends the session.
func (s *session) Next() (next engine.Command, err error) {
	defer func() {
		if r := recover(); r != nil {
			next, err = engine.Command{}, s.collapse(r)
		}
	}()
	s.passed = passedCommand{}
	for {
		if s.login.state == barred {
			s.end(s.login.why, "Too many commands, closing control connection")
			return engine.Command{}, io.EOF
		}
		s.data.Resume()
		l, err := s.await()
		if err != nil {
			return engine.Command{}, err
		}
		s.data.Pause()
		if !s.loggedIn() {
			s.login.on(lineRead)
			s.login.place.Begun()
		}
		if c := s.handle(l); c != nil {
			return *c, nil
		}
	}
}

// end says why we end the session, to the log and to the client.
func (s *session) end(reason, text string) {
	s.ending = reason
	s.control.Reply(421, text)
}

// handle runs the table's entry for one line. What it returns, the library executes.
func (s *session) handle(l control.Line) *engine.Command {
	defer l.Done()
	c := s.srv.commands[l.Verb]
	if c != nil {
		s.client.Executes(c.verb)
	}
	defer func() { s.par.forget(c != nil && c.between) }()
	if c != nil && c.transfers {
		// Whatever becomes of the command, the port was reserved for it.
		defer func() { s.data.Drop(s.par.protected) }()
	}
	arg, converts := s.control.Charset().Decode(l.Arg)
	l.Arg = arg
	if c != nil { // what is no command may be a password in the wrong place
		s.control.begins(l)
	}
	if a := s.refusal(c, l, converts); a.code != 0 {
		s.control.Reply(a.code, a.text)
		return nil
	}
	next := c.run(s, l)
	if next != nil && next.Transfer == nil {
		s.passed = passedCommand{c, l.Arg}
	}
	return next
}

// refusal returns why a line is not even tried; c is nil for an unknown
// command, and converts is false when the argument is not in the client's
// character set.
func (s *session) refusal(c *command, l control.Line, converts bool) answer {
	switch {
	case l.TooLong:
		s.login.on(notUnderstood)
		return answer{500, "Command line is too long"}
	case c == nil:
		s.login.on(notUnderstood)
		return answer{500, "Command not understood"}
	case !s.loggedIn() && !c.open:
		return answer{530, "Log in with USER and PASS first"}
	case !converts:
		return answer{553, "Name is not in the character set"}
	case c.needsArgument() && strings.TrimSpace(l.Arg) == "":
		return answer{501, c.verb + " needs an argument"}
	case strings.ContainsAny(l.Arg, "\x00\r"):
		return answer{501, "Argument holds a control character"}
	}
	return answer{}
}

// await returns the client's next line that may be handled now. While a
// transfer runs it sees to the transfer: what is urgent is answered, the rest
// waits.
func (s *session) await() (control.Line, error) {
	if s.transfer != nil {
		s.attend()
	}
	switch {
	case s.client.IsKicked():
		endKicked(s)
		return control.Line{}, io.EOF
	case s.login.isRevoked():
		s.endRevoked()
		return control.Line{}, io.EOF
	}
	if l, ok := s.held.Take(); ok {
		return l, nil
	}
	limit := s.settings.IdleTimeout
	if !s.loggedIn() {
		limit = min(limit, time.Until(s.login.due))
		if limit <= 0 {
			s.end(sessions.EndNoLogin, "No login in time, closing control connection")
			return control.Line{}, io.EOF
		}
	}
	idle := time.NewTimer(limit)
	defer idle.Stop()
	select {
	case l, ok := <-s.control.Lines():
		if !ok {
			return control.Line{}, io.EOF
		}
		s.control.Processed()
		return l, nil
	case <-idle.C:
		s.end(sessions.EndIdle, "Idle for too long, closing control connection")
	case <-s.client.Kicked():
		endKicked(s)
	case <-s.login.revoked():
		s.endRevoked()
	case <-s.srv.draining.Done():
		s.end(sessions.EndShutdown, "Server is going down, closing control connection")
	case <-s.ctx.Done():
		if s.srv.draining.Err() == nil {
			break // the client has gone
		}
		s.control.Reply(421, "Server is going down, closing control connection")
	}
	return control.Line{}, io.EOF
}

// attend processes the client's commands and other events during a transfer, until the library
// has given its final reply, and then sends the reply to the client.
func (s *session) attend() {
	t := s.transfer
	lines, force, revoked, kicked := s.control.Lines(), s.ctx.Done(), s.login.revokedNow(), s.client.Kicked()
	bound, mixedUp := t.data.Bound(), (<-chan struct{})(nil)
	aborted := 0
	for running := true; running; {
		if s.held.Full() {
			// What comes behind, such as an ABOR, is not read.
			t.unheard.Store(true)
			lines = nil
		}
		select {
		case <-t.done:
			running = false
		case l, ok := <-lines:
			switch {
			case !ok:
				lines = nil
				if !s.control.Quit() && !t.forgivesControlLost() {
					t.abort(errControlLost)
				}
			case l.Verb == "ABOR":
				aborted++
				t.abort(errAborted)
			case l.Verb == "NOOP":
				s.control.aside(l, 200, "Transfer in progress")
			case l.Verb == "STAT" && l.Arg == "":
				s.control.aside(l, 213, t.status())
			default:
				s.held.Hold(l)
			}
			if ok {
				s.control.Processed()
			}
		case <-bound:
			t.dataChannel()
			bound, mixedUp = nil, t.data.MixedUp()
		case <-mixedUp:
			mixedUp = nil
			t.abort(errMixUp)
		case <-revoked:
			revoked = nil
			t.abort(errRevoked)
		case <-kicked:
			kicked = nil
			t.abort(errKicked)
		case <-force:
			force = nil
			t.abort(errShutdown)
		}
	}
	s.transfer = nil
	t.close()
	t.endDataChannel()
	t.reportOutcome()
	a := t.answer()
	s.control.Reply(a.code, a.text)
	answerAborts(s, aborted)
}

func answerAborts(s *session, n int) {
	for range n {
		s.control.begins(control.Line{Verb: "ABOR"})
		s.control.Reply(226, "ABOR done")
	}
}

// attendWork runs work on a goroutine of the session, and reads the client's commands meanwhile.
// ABOR and the end of the control connection cancel the work, and so do an operator and a reload
// that end the session at once. Other commands wait. It returns how many times ABOR came.
func (s *session) attendWork(limit time.Duration, work func(ctx context.Context) error) (aborted int, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	done := make(chan error, 1)
	s.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				done <- s.Panicked(r)
			}
		}()
		done <- work(ctx)
	})
	lines, revoked, kicked := s.control.Lines(), s.login.revokedNow(), s.client.Kicked()
	for {
		if s.held.Full() {
			lines = nil
		}
		select {
		case err := <-done:
			return aborted, err
		case <-revoked:
			revoked = nil
			cancel()
		case <-kicked:
			kicked = nil
			cancel()
		case l, ok := <-lines:
			switch {
			case !ok:
				lines = nil
				cancel()
			case l.Verb == "ABOR":
				aborted++
				cancel()
			default:
				s.held.Hold(l)
			}
			if ok {
				s.control.Processed()
			}
		}
	}
}

// Replied takes the library's reply to what was passed to it, and sends what the client
// shall see of it.
func (s *session) Replied(r engine.Reply) {
	c := s.passed
	switch {
	case r.Code == 220 && c.command == nil:
		s.control.Reply(r.Code, s.settings.Banner)
	case r.Code >= 400:
		a := codeAnswer(r.Code)
		if s.login.refusal.code != 0 {
			a = s.login.refusal
		}
		if c.command != nil && r.Err != nil {
			a = errorAnswer(c.verb, r.Err)
		}
		if c.command != nil && noticed(c.verb, r.Err) {
			logRefusal(s, c.verb, c.arg, a, observe.Failure{Err: r.Err})
		}
		s.control.Reply(a.code, a.text)
	case r.Code == 230:
		s.control.Reply(r.Code, s.settings.LoginMessage)
	case c.command == nil:
		s.log.Error("unexpected reply from ftpserverlib", "code", r.Code)
	case c.done != "":
		s.par.announced.renaming = c.verb == "RNFR"
		if c.verb == "TYPE" {
			s.par.setType(c.arg)
		}
		s.control.Reply(r.Code, c.done)
	case r.Code == 257 && strings.HasSuffix(c.verb, "MKD"):
		// RFC 959, appendix II: the path comes first, in quotes.
		_, quoted, _ := strings.Cut(r.Text, `"`)
		s.control.Reply(r.Code, `"`+quoted+" created")
	default:
		s.control.Reply(r.Code, r.Text)
	}
}
