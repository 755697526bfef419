package auth

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/crypto/ssh"
)

// The least that an RSA key of a user or an authority must have, and the least
// that is as strong as the other types are: NIST's strength of 128 bits.
const (
	minRSABits    = 2048
	strongRSABits = 3072
)

// Key is a public key that lets a user in, or, of an authority, one whose
// certificates do.
type Key struct {
	public ssh.PublicKey
	// blob is the key as SSH writes it (RFC 4253, 6.6).
	blob []byte
	// authority is true of a key that signs certificates, and lets no user in
	// by itself.
	authority bool
	// principals, when there are any, are what the authority's certificates
	// must name, instead of what the account says.
	principals []string
	// noTouch lets a FIDO key sign without being touched.
	noTouch bool
	// from are the patterns of the option from, nil when there is none.
	from []string
	// until is the last second in which the key counts, zero when there is none.
	until time.Time
}

// String names the key by its type and fingerprint.
func (k Key) String() string { return k.public.Type() + " " + ssh.FingerprintSHA256(k.public) }

// IsAuthority reports whether it is the key's certificates that let the user in,
// and not the key.
func (k Key) IsAuthority() bool { return k.authority }

// Weakness says what speaks against a key that is taken nevertheless, "" when
// nothing does.
func (k Key) Weakness(now time.Time) string {
	switch bits := RSABits(k.public); {
	case !k.until.IsZero() && now.After(k.until):
		return "its expiry-time has passed, it lets nobody in"
	case bits > 0 && bits < strongRSABits:
		return fmt.Sprintf("it is an RSA key of %d bits; %d are as strong as the other types, Ed25519 is best", bits, strongRSABits)
	}
	return ""
}

func checkKey(public ssh.PublicKey) error {
	switch public.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return nil
	case ssh.KeyAlgoRSA:
		if RSABits(public) < minRSABits {
			return fmt.Errorf("an RSA key needs %d bits", minRSABits)
		}
		return nil
	default:
		return fmt.Errorf("keys of the type %s are not taken", public.Type())
	}
}

// RSABits returns the length of an RSA key, 0 for every other one.
func RSABits(public ssh.PublicKey) int {
	if c, ok := public.(ssh.CryptoPublicKey); ok {
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return k.N.BitLen()
		}
	}
	return 0
}

// is reports whether the key is the one that SSH writes as blob, and may be used
// from there and now.
func (k *Key) is(blob []byte, from netip.Addr, now time.Time) bool {
	same := len(k.blob) == len(blob) && subtle.ConstantTimeCompare(k.blob, blob) == 1
	return same && (k.until.IsZero() || !now.After(k.until)) && k.allows(from)
}

// Factors say what a user must prove to be let in.
type Factors uint8

// The factors. A protocol without keys lets in only accounts that need a password alone. A
// certificate is a key.
const (
	// EitherFactor: a key or the password, whichever the account has.
	EitherFactor Factors = iota
	PasswordOnly
	KeyOnly
	// KeyThenPassword: both, the key first.
	KeyThenPassword
	// CertificateOnly: a client certificate of TLS that is the user's. A password that is
	// sent does not matter.
	CertificateOnly
	// CertificateThenPassword: the client certificate, and the password.
	CertificateThenPassword
)

// AcceptedKey is a key, or the key of a certificate, that an account accepts.
type AcceptedKey struct {
	// Fingerprint is that of the key which signs.
	Fingerprint string
	// NoTouch lets a FIDO key sign without being touched. A certificate says
	// that itself.
	NoTouch bool
	// Certificate is nil where the key itself is known.
	Certificate *Certificate
}

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

// Key returns the account that login and public key, or certificate, belong to,
// or an error that is ErrDenied. That the client has the private key is for the
// caller to see. When the account wants KeyThenPassword, the user is not let in
// before PasswordAfterKey.
func (a *Authenticator) Key(ctx context.Context, try Attempt, key ssh.PublicKey) (*Account, *AcceptedKey, error) {
	if !possibleLogin(try.Login) {
		return nil, nil, unknownUser
	}
	e, err := a.find(try)
	if q, by := a.question(try, err, EitherFactor); by != nil {
		return askForKey(ctx, by, q, key)
	}
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	refusal := e.barred(try, now)
	if refusal == nil && takesNoKeys(e.account.Factors) {
		refusal = noKeys
	}
	accepted, err := e.accept(key, try.From, now)
	switch {
	case refusal != nil && err == nil:
		// The client has the right key, so the reason is worth a line in the log.
		return nil, nil, &KeyError{"key " + accepted.Fingerprint, refusal}
	case refusal != nil:
		return nil, nil, refusal
	case err != nil:
		return nil, nil, err
	}
	return &e.account, accepted, nil
}

// accept returns what the account accepts of the key.
func (e *entry) accept(key ssh.PublicKey, from netip.Addr, now time.Time) (*AcceptedKey, error) {
	if c, ok := key.(*ssh.Certificate); ok {
		return e.certificate(c, from, now)
	}
	blob := key.Marshal()
	var accepted *AcceptedKey
	for i := range e.account.Keys {
		k := &e.account.Keys[i]
		if k.is(blob, from, now) && !k.authority {
			accepted = &AcceptedKey{Fingerprint: ssh.FingerprintSHA256(key), NoTouch: k.noTouch}
		}
	}
	if accepted == nil {
		return nil, e.whyNot(key, now)
	}
	if e.account.Revoked.has(key) {
		return nil, &KeyError{"key " + accepted.Fingerprint, errRevoked}
	}
	return accepted, nil
}

// whyNot says why a key is not accepted. A key of the user that has expired, or is for
// other addresses, is worth a line in the log of its own.
func (e *entry) whyNot(key ssh.PublicKey, now time.Time) error {
	blob := key.Marshal()
	for i := range e.account.Keys {
		k := &e.account.Keys[i]
		switch {
		case k.authority || !bytes.Equal(k.blob, blob):
		case !k.until.IsZero() && now.After(k.until):
			return &KeyError{"key " + ssh.FingerprintSHA256(key), errExpired}
		default:
			return &KeyError{"key " + ssh.FingerprintSHA256(key), errElsewhere}
		}
	}
	return unknownKey
}

// PasswordAfterKey is Password for a user that has proven one of its keys.
func (a *Authenticator) PasswordAfterKey(ctx context.Context, try Attempt, password string) (*Account, error) {
	return a.password(ctx, try, password, KeyThenPassword)
}

// takesNoKeys reports whether no key of SSH is among what the account wants.
func takesNoKeys(f Factors) bool {
	return f == PasswordOnly || f == CertificateOnly || f == CertificateThenPassword
}
