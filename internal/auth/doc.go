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
// Users of two tenants may have one name. Which of them "user" means is decided by the
// tenants that a client can reach: those that the frontend serves and, where the client
// asked for a host name that is one tenant's own, only that tenant. A name that means
// several users there is refused as ambiguous, as an unknown one is. No other login may
// belong to two accounts: New refuses them.
//
// # Passwords
//
// Hashes are argon2id in PHC string format or bcrypt. A hash brings its own
// cost, within bounds that keep one bad line of configuration from using up
// the process (CheckHash). As many are computed at once as there are
// processors for us and memory to take; further logins wait, or give up with their
// context. Client addresses take turns, so that many logins of one address do not
// keep others waiting.
//
// A password that was right is recognized for ten minutes without another hash,
// for clients that log in for every file: by its HMAC under a secret key. The Authenticator
// of a new configuration inherits what is remembered of the accounts whose hashes have not
// changed. One password of each account is remembered at most. Of wrong ones,
// internal/guessing has a keyed digest of the last.
//
// Wrong passwords are counted for the process (internal/guessing). Where there were too
// many for an address or a login, a password is refused without a hash; the client gets
// the same reply after the same delay, and the error has the reason for the log. After
// one, hashes are computed behind those of other logins.
//
// # Keys
//
// Public keys come as lines of authorized_keys. Which of password and key an
// account takes is its Factors: one that wants a key is denied where there is
// only a password. Whether a key is known is no secret in SSH, which asks for
// that before anything is proven.
//
// # Certificates
//
// An authority is a Key too: it lets no user in by itself, but with OpenSSH
// certificates that it signed. It is trusted by the accounts that list it and by
// no other. A certificate must name the account, by one of its logins or as the
// authority's line or the account says otherwise; it must be a user's, in time,
// from where it may be used, and without a critical option that is not known
// here. Why one is refused is a KeyError, for the log.
//
// Revoked keys count neither by themselves nor in certificates nor as authorities.
//
// # One answer
//
// Every login that fails gets ErrDenied, with the reason as a text for the log, after the same work, remembered password
// or not: one hash is computed for an unknown user too, with the cost of some account's own hash.
// Which one depends on the name, so that where accounts differ in cost, unknown
// names differ alike and always in the same way. Frontends answer after a Delay that
// the hash's time counts into, so that the time reveals nothing. Only what no account can
// change, an empty password or a name that no account can have, is refused
// without work.
package auth
