// Package auth answers one question for all frontends: whose login is this?
//
// It knows the accounts that the configuration lists, and nothing of protocols,
// sessions or storage: an account carries the tenant.User that its sessions get,
// untouched.
//
// # Names
//
// A user logs in as "user", "tenant/user" or "user@tenant". Letter case does
// not matter (Unicode simple case folding). Names are not empty and hold no control
// characters. A name is compared as it is written otherwise: no Unicode
// normalisation, no trimming.
//
// Users of two tenants may have the same name. The login "user" then means the user of a tenant
// that the client can reach. A client can reach the tenants that the frontend serves or, when it
// has asked for a host name of one tenant, only that tenant. When the login means several users
// there, it is ambiguous and refused in the same way as an unknown one. Every other login belongs
// to one account: New returns an error otherwise.
//
// # Passwords
//
// New hashes are argon2id in PHC string format; bcrypt and SHA-crypt are accepted too. A hash
// contains its cost, within bounds, so that a wrong line of the configuration cannot use up the
// memory or the processors of the process (CheckHash). The number of processors and the memory
// for hashes limit how many are computed at once. Further logins wait until the end of their
// context. Client addresses take turns, so that many logins of one address do not delay others.
//
// A password that was right is recognized for ten minutes without another hash,
// for clients that log in for every file: by its HMAC under a secret key. The Authenticator
// of a new configuration inherits what is remembered of the accounts whose hashes have not
// changed. One password of each account is remembered at most. Of wrong ones,
// internal/guessing has a keyed digest of the last.
//
// Wrong passwords are counted for the process (internal/guessing). After too many of an address
// or a login, a password is refused without a hash. The client gets the same reply after the same
// delay, and the error has the reason for the log. After one wrong password, the hashes of that
// address or login are computed when no other login waits.
//
// # Keys
//
// Public keys are lines of authorized_keys. Factors says whether an account needs a password, a
// key or both. An account that needs a key is denied where a client can only send a password.
// Whether a key is known is no secret in SSH: a client may ask that before it proves anything.
//
// # Certificates
//
// An authority is a Key too. No user can log in with the key of the authority, but with an
// OpenSSH certificate that it has signed. Only the accounts that list an authority trust it. A
// certificate must be a user certificate, be valid at that time, be used from an allowed address,
// and have no unknown critical option. It must name the account: by a login of the account, or by
// a principal that the authority's line or the account lists instead. When a certificate is
// refused, the error is a KeyError with the reason, for the log.
//
// Revoked keys count neither by themselves nor in certificates nor as authorities.
//
// # One answer
//
// Every login that fails gets ErrDenied, with the reason as a text for the log, after the same
// work: one hash is computed, also for an unknown user or for a password that is remembered. For
// an unknown user it has the cost of the hash of some account. The name selects that account, so
// that unknown names have different costs when the accounts have, and each name always has the
// same. Frontends answer after a Delay that includes the time of the hash, so that the time
// reveals nothing. Three refusals take no hash: an empty password, a name that no account can have,
// and a password after too many wrong ones.
package auth
