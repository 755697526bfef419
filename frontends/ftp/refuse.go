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

// refuseBy refuses a command because of a setting, and logs the setting that would allow it. No
// other line of the log has that setting.
func (s *session) refuseBy(verb string, a answer, cause, setting string) {
	why := observe.Failure{Cause: cause, Setting: setting}
	if !s.loggedIn() {
		s.failure = why
	}
	logRefusal(s, verb, "", a, why)
	s.control.Reply(a.code, a.text)
}

// noticed reports whether a command that was refused with err gets its own line in the log: CWD,
// because many programs give up after it, and SIZE and MDTM if a setting is the cause. The lines
// about the operations of these commands are only for debugging.
func noticed(verb string, err error) bool {
	_, decided := errors.AsType[*vfs.SettingError](err)
	return strings.HasSuffix(verb, "CWD") || decided && (verb == "SIZE" || verb == "MDTM")
}

// logRefusal writes about a refused command. Replies to the others are in the line about
// the end of the session, if they are the last one.
func logRefusal(s *session, verb, path string, a answer, why observe.Failure) {
	s.srv.observe.CommandRefused(s.ctx, s.client, verb, path, fmt.Sprintf("%d %s", a.code, a.text), why)
}
