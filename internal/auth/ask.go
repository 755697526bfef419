package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

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

// ask returns the decision on a login, and the entry of its account.
func ask(ctx context.Context, by Authority, q Question) (Decision, *entry, error) {
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
		return Decision{}, nil, err
	}
	return Decision{}, nil, &Undecided{fmt.Errorf("authority of tenant %q: %w", q.Tenant, err)}
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
	case v.Account.Factors == CertificateThenPassword:
		return nil, denied("the user's login takes no password alone")
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
	case takesNoKeys(v.Account.Factors) || v.Account.Factors == KeyThenPassword:
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
