package auth

import (
	"context"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Authority decides about the users of a tenant that the configuration does not list. Its
// methods may be called concurrently.
type Authority interface {
	// Ask decides about a login. An error that is ErrDenied is a refusal. Any other error
	// means that there is no decision.
	Ask(ctx context.Context, q Question) (Decision, error)
}

// Question is a login that an Authority decides about: by the password or, where that is
// empty, by the key. That the client has the private key is not proven yet.
type Question struct {
	Attempt
	// Tenant and User are the names that the login has. User is as the client wrote it.
	Tenant, User string
	Password     string
	Key          ssh.PublicKey
	// StillAllowed, when it is not nil, is called when the question has waited for its turn. Its
	// error is the answer.
	StillAllowed func() error
}

// PublicKey returns the key as a line of authorized_keys, "" without one.
func (q *Question) PublicKey() string {
	if q.Key == nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(q.Key)))
}

// Decision is the decision of an Authority that does not refuse a login.
type Decision struct {
	Account *Account
	// Keys is true where the authority has not decided about the key, but the account has
	// the keys that are accepted.
	Keys bool
}

// Undecided is the error of a login that an authority has not decided about. It is not
// ErrDenied, and its text is for the log alone. No such login succeeds.
type Undecided struct{ Reason error }

func (e *Undecided) Error() string { return "auth: no decision: " + e.Reason.Error() }

// Unwrap returns the reason.
func (e *Undecided) Unwrap() error { return e.Reason }
