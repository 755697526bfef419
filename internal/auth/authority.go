package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Authority decides about the users of a tenant that the configuration does not list. Its
// methods may be called concurrently.
type Authority interface {
	// Ask decides about a login. An error that is ErrDenied is a refusal. Any other error
	// means that there is no decision.
	Ask(ctx context.Context, q Question) (Verdict, error)
}

// Question is a login that an Authority decides about: by the password or, where that is
// empty, by the key. That the client has the private key is not proven yet.
type Question struct {
	Attempt
	// Tenant and User are the names that the login has. User is as the client wrote it.
	Tenant, User string
	Password     string
	Key          ssh.PublicKey
}

// PublicKey returns the key as a line of authorized_keys, "" without one.
func (q *Question) PublicKey() string {
	if q.Key == nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(q.Key)))
}

// Verdict is the decision of an Authority that does not refuse a login.
type Verdict struct {
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

// question returns the question to the authority of the tenant that a login means, if it
// has one and no account is found because of refusal. A login that names no tenant means
// one only if the client can reach no other.
func (a *Authenticator) question(try Attempt, refusal error, want Factors) (Question, Authority) {
	if want != EitherFactor || refusal != unknownUser && refusal != otherTenant { //nolint:errorlint // find returns these values
		return Question{}, nil
	}
	tenant, user := a.split(try)
	t := a.tenants[Fold(tenant)]
	if t == nil || t.Authority == nil || !a.reaches(try, t.Name) || CheckUser(user) != nil {
		return Question{}, nil
	}
	return Question{Attempt: try, Tenant: t.Name, User: user}, t.Authority
}

// split returns the tenant and the name of the user that a login means, "" for no tenant.
func (a *Authenticator) split(try Attempt) (tenant, user string) {
	if tenant, user, named := strings.Cut(try.Login, "/"); named {
		return tenant, user
	}
	if at := strings.LastIndexByte(try.Login, '@'); at >= 0 && a.tenants[Fold(try.Login[at+1:])] != nil {
		return try.Login[at+1:], try.Login[:at]
	}
	for _, t := range a.tenants {
		if !a.reaches(try, t.Name) {
			continue
		}
		if tenant != "" {
			return "", ""
		}
		tenant = t.Name
	}
	return tenant, try.Login
}

// ask returns the verdict on a login, and the entry of its account.
func ask(ctx context.Context, by Authority, q Question) (Verdict, *entry, error) {
	v, err := by.Ask(ctx, q)
	var e *entry
	if err == nil {
		if e, err = newEntry(*v.Account); err == nil {
			err = e.barred(q.Attempt, time.Now())
		}
	}
	switch {
	case err == nil:
		return v, e, nil
	case errors.Is(err, ErrDenied) || ctx.Err() != nil:
		return Verdict{}, nil, err
	}
	return Verdict{}, nil, &Undecided{fmt.Errorf("authority of tenant %q: %w", q.Tenant, err)}
}

// askForPassword returns the account that the authority allows a login with a password.
func askForPassword(ctx context.Context, by Authority, q Question, password string) (*Account, error) {
	q.Password = password
	v, e, err := ask(ctx, by, q)
	switch {
	case err != nil:
		return nil, err
	case !e.takes(EitherFactor):
		return nil, asksForKey
	}
	return v.Account, nil
}

// askForKey returns the account that the authority allows a login with a key, or that has
// the key.
func askForKey(ctx context.Context, by Authority, q Question, key ssh.PublicKey) (*Account, *AcceptedKey, error) {
	q.Key = key
	certificate, isCertificate := key.(*ssh.Certificate)
	if isCertificate {
		key = certificate.Key
	}
	if err := checkKey(key); err != nil {
		return nil, nil, denied("the key is not accepted: " + err.Error())
	}
	v, e, err := ask(ctx, by, q)
	switch {
	case err != nil:
		return nil, nil, err
	case v.Account.Factors == PasswordOnly || v.Account.Factors == KeyThenPassword:
		return nil, nil, denied("the user's login takes no keys from the authority")
	}
	if v.Keys {
		accepted, err := e.accept(q.Key, q.From, time.Now())
		if err != nil {
			return nil, nil, err
		}
		return v.Account, accepted, nil
	}
	if isCertificate {
		return nil, nil, denied("the authority accepts a certificate only by a key with cert-authority")
	}
	if v.Account.Revoked.has(key) {
		return nil, nil, &KeyError{"key " + ssh.FingerprintSHA256(key), errRevoked}
	}
	return v.Account, &AcceptedKey{Fingerprint: ssh.FingerprintSHA256(key)}, nil
}
