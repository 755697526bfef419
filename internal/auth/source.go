package auth

// Source hands out the Authenticator of the configuration that is in force. A process
// that can replace its configuration has a Source of its own; an Authenticator that
// never changes is one too.
type Source interface {
	// Acquire returns the Authenticator that is in force now. What its accounts give
	// access to stays open until release is called, once: at the end of the session
	// that has logged in, or when the login has failed. Acquire does not wait.
	Acquire() (a *Authenticator, release func())
}

var _ Source = (*Authenticator)(nil)

// Acquire returns a itself, which keeps nothing open.
func (a *Authenticator) Acquire() (*Authenticator, func()) { return a, func() {} }
