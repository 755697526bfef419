package ftp

import (
	"fmt"

	"github.com/tidegate/tidegate/internal/observe"
)

func (s *session) refuse(verb string, err error) {
	a := errorAnswer(verb, err)
	s.control.Reply(a.code, a.text)
}

// refuseBy refuses a command because of how the frontend is configured, and tells
// the log which setting would take it: nothing else does.
func (s *session) refuseBy(verb string, a answer, cause, setting string) {
	why := observe.Failure{Cause: cause, Setting: setting}
	if !s.loggedIn() {
		s.failure = why
	}
	logRefusal(s, verb, "", a, why)
	s.control.Reply(a.code, a.text)
}

// logRefusal writes about a refused command. Replies to the others are in the line about
// the end of the session, if they are the last one.
func logRefusal(s *session, verb, path string, a answer, why observe.Failure) {
	s.srv.observe.CommandRefused(s.ctx, s.client, verb, path, fmt.Sprintf("%d %s", a.code, a.text), why)
}
