package auth

import (
	"errors"

	"github.com/tidegate/tidegate/internal/guessing"
)

// CountGuesses has table count the wrong passwords of all Authenticators of h. It is called
// before any of them is used; nil counts nothing.
func (h *Hashing) CountGuesses(table *guessing.Table) { h.guesses = table }

// guessed is the error of a login of an address or a user with earlier wrong passwords.
type guessed struct {
	error
	failures int
}

// Unwrap returns the error without them.
func (g guessed) Unwrap() error { return g.error }

// Failures returns how many wrong passwords of the client's address, or for the login,
// came before the one that err is about, over all connections: see Delay.
func Failures(err error) int {
	if g, ok := errors.AsType[guessed](err); ok {
		return g.failures
	}
	return 0
}

// afterGuesses returns the error of an attempt with the number of earlier failures.
func afterGuesses(err error, try *guessing.Attempt) error {
	if n := try.Failures(); n > 0 {
		return guessed{err, n}
	}
	return err
}

// key is what guesses at the account are counted by, for each of its logins; e is nil for an
// unknown login.
func (e *entry) key(login string) string {
	if e == nil {
		return login
	}
	return Fold(e.account.Tenant + "/" + e.account.Name)
}
