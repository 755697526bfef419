package ftp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
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

// noticed reports whether a command that was refused with err has a line of its own. Many
// programs give up after CWD, and no operation of theirs follows. The lines about operations
// that only look are for debugging, also where a setting is the cause.
func noticed(verb string, err error) bool {
	_, decided := errors.AsType[*vfs.SettingError](err)
	return strings.HasSuffix(verb, "CWD") || decided && (verb == "SIZE" || verb == "MDTM")
}

// logRefusal writes about a refused command. Replies to the others are in the line about
// the end of the session, if they are the last one.
func logRefusal(s *session, verb, path string, a answer, why observe.Failure) {
	s.srv.observe.CommandRefused(s.ctx, s.client, verb, path, fmt.Sprintf("%d %s", a.code, a.text), why)
}
