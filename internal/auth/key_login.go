package auth

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/crypto/ssh"
)

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

// PasswordAfterKey is Password for a user that has proven one of its keys.
func (a *Authenticator) PasswordAfterKey(ctx context.Context, try Attempt, password string) (*Account, error) {
	return a.password(ctx, try, password, KeyThenPassword)
}
