package ftp

func (s *session) refuse(verb string, err error) {
	a := errorAnswer(verb, err)
	s.control.Reply(a.code, a.text)
}

// refuseBy refuses a command because of how the frontend is configured, and tells
// the log which setting would take it: nothing else does.
func (s *session) refuseBy(verb string, a answer, setting string) {
	s.log.Info("command refused", "command", verb, "code", a.code, "reason", a.text, "setting", setting)
	s.control.Reply(a.code, a.text)
}
