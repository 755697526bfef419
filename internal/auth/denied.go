package auth

import "errors"

// ErrDenied is the kind of every login that fails, whatever the reason. Clients
// get this kind alone. The text of the error has the reason, for the log.
var ErrDenied = errors.New("auth: denied")

// denied is ErrDenied with the reason.
type denied string

// Refusal returns the refusal of an Authority: an error that is ErrDenied, with a reason for
// the log.
func Refusal(reason string) error { return refusedByAuthority{denied(reason)} }

func (d denied) Error() string { return ErrDenied.Error() + ": " + string(d) }

// Unwrap makes it ErrDenied.
func (d denied) Unwrap() error { return ErrDenied }

// The reasons that passwords and keys have in common.
const (
	unknownUser  denied = "there is no such user"
	wrongNetwork denied = "the client's address is not in the user's networks"

	wrongTenantNetwork denied = "the client's address is not in the tenant's networks"

	disabledUser  denied = "the user is disabled"
	expiredUser   denied = "the user has expired"
	oldPassword   denied = "the password is older than password_max_age_days"
	wrongPassword denied = "the password is wrong"
	otherTenant   denied = "the user's tenant is not served here"

	otherProtocol denied = "the user's protocols do not have"
	noPassword    denied = "the user has no password_hash"
	asksForKey    denied = "the user's login asks for a key"
)

// noCertificate is the refusal of users that need a client certificate of TLS.
const noCertificate denied = "the user's login asks for a client certificate with one of the user's names"

// KeyError says why a key that an account knows, or a certificate of an authority
// that it trusts, is refused. It is ErrDenied, and its text is for the log
// alone.
type KeyError struct {
	// What names the key or the certificate.
	What   string
	Reason error
}

func (e *KeyError) Error() string { return e.What + ": " + e.Reason.Error() }

// Unwrap makes it ErrDenied.
func (e *KeyError) Unwrap() error { return ErrDenied }
