package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

// Password returns the account that the login and the password belong to, or ErrDenied,
// or the context's error when it ends first. An account that a password alone does
// not let in is denied after the same work.
func (a *Authenticator) Password(ctx context.Context, try Attempt, password string) (*Account, error) {
	if e := a.certified(try); e != nil {
		return &e.account, nil
	}
	return a.password(ctx, try, password, EitherFactor)
}

// password checks the password of an account that wants the given factors, or
// of one that a password suffices when that is EitherFactor.
func (a *Authenticator) password(ctx context.Context, try Attempt, password string, want Factors) (*Account, error) {
	// These depend on nothing that the accounts could be known by.
	if !possibleLogin(try.Login) {
		return nil, unknownUser
	}
	if password == "" || len(password) > maxPasswordBytes {
		return nil, wrongPassword
	}
	e, refusal := a.find(try)
	q, by := a.question(try, refusal, want)
	if e != nil {
		refusal = a.refusal(e, try, want)
	}
	name := Fold(try.Login)
	key := e.key(name)
	if by != nil {
		key = Fold(q.Tenant + "/" + q.User)
	}
	guess := a.hashing.guesses.Begin(try.From, key)
	if why := guess.Refused(); why != nil {
		return nil, afterGuesses(&tooManyGuesses{denied(why.Error())}, guess)
	}
	// Called when the attempt has waited for its turn, and before the password is checked.
	stillAllowed := func() error {
		if why := guess.Again(); why != nil {
			return &tooManyGuesses{denied(why.Error())}
		}
		return nil
	}
	var account *Account
	var err error
	if by != nil {
		q.StillAllowed = stillAllowed
		account, err = askForPassword(ctx, by, q, password)
	} else {
		account, err = a.checked(ctx, name, password, e, refusal, turn{guess.Doubtful(), stillAllowed})
	}
	_, notChecked := errors.AsType[*tooManyGuesses](err)
	switch {
	case err == nil:
		guess.Succeeded()
	case notChecked:
		err = afterGuesses(err, guess)
	case errors.Is(err, ErrDenied):
		guess.Failed(password)
		err = afterGuesses(err, guess)
	}
	return account, err
}

// turn is how a login waits for the hash of its password. A doubtful one waits for all others.
// stillAllowed returns why the password is not checked after all.
type turn struct {
	doubtful     bool
	stillAllowed func() error
}

// checked computes the hash of a password for the account e, which is nil for an unknown
// name. refusal says why no password lets it in, nil when one may.
func (a *Authenticator) checked(ctx context.Context, name, password string, e *entry, refusal error, t turn) (*Account, error) {
	check := a.decoy(name)
	if e != nil && e.hasHash {
		check = e.hash
	}
	allowed := refusal == nil
	// Only a login that succeeds may be spared its hash. A client that is denied
	// for its address, or because a key is missing, must not learn from the time
	// that the password was right.
	d := a.remembered.digest(password)
	known := func() bool { return a.remembered.knows(e, d) && allowed }
	if known() {
		return &e.account, nil
	}
	end, err := a.hashing.begin(ctx, int64(check.memoryKiB), t.doubtful)
	if err != nil {
		return nil, err
	}
	defer end()
	// One hash is enough for clients that come at the same time.
	if known() {
		return &e.account, nil
	}
	if err := t.stillAllowed(); err != nil {
		return nil, err
	}
	if check.memoryKiB > 0 {
		a.hashing.used()
	}
	if matches := a.matches(check, password); !allowed {
		return nil, refusal
	} else if !matches {
		return nil, wrongPassword
	}
	a.remembered.learn(e, d)
	return &e.account, nil
}

// decoy returns the hash that an unknown name is checked against, the same one
// each time.
func (a *Authenticator) decoy(name string) hash {
	sum := sha256.Sum256(append(a.seed[:], name...))
	return a.decoys[binary.BigEndian.Uint64(sum[:])%uint64(len(a.decoys))]
}

// refusal says why no password lets the account in from there, nil when one may.
func (a *Authenticator) refusal(e *entry, try Attempt, want Factors) error {
	now := time.Now()
	if err := e.barred(try, now); err != nil {
		return err
	}
	switch until := e.account.PasswordExpires; {
	case !until.IsZero() && !now.Before(until):
		return oldPassword
	case e.account.Factors == CertificateOnly, e.account.Factors == CertificateThenPassword && !a.certifies(try, e):
		return noCertificate
	case !e.hasHash:
		return noPassword
	case !e.takes(want):
		return asksForKey
	}
	return nil
}
