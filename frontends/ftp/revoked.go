package ftp

import sessions "github.com/tidegate/tidegate/internal/session"

// errKicked aborts the transfer of a session that an operator ends.
var errKicked = &abortCondition{426, "Aborted, the session is ended by an operator", sessions.EndKicked, ""}

// endKicked ends a session for an operator.
func endKicked(s *session) {
	s.end(sessions.EndKicked, "Ended by an operator, closing control connection")
}

// errRevoked aborts the transfer of a user that was revoked.
var errRevoked = &abortCondition{426, "Aborted, your account was changed", "user was changed by a reload", ""}

// revoked is closed when the session ends as soon as no transfer runs. It is nil before the
// login.
func (l *login) revoked() <-chan struct{} {
	if l.state != identified {
		return nil
	}
	return l.account.User.Revoked()
}

// revokedNow is closed when a running transfer is aborted. It is nil before the login.
func (l *login) revokedNow() <-chan struct{} {
	if l.state != identified {
		return nil
	}
	return l.account.User.RevokedNow()
}

// isRevoked reports whether the session ends now that no transfer runs.
func (l *login) isRevoked() bool {
	select {
	case <-l.revoked():
		return true
	default:
		return false
	}
}

// endRevoked ends the session of a user that was revoked.
func (s *session) endRevoked() {
	s.end(s.login.account.User.WhyRevoked(), "Your account was changed, closing control connection")
}
