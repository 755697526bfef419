package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// asked is an Authority that notes what it is asked, and decides by answer.
type asked struct {
	questions []Question
	answer    func(Question) (Decision, error)
}

func (a *asked) Ask(_ context.Context, q Question) (Decision, error) {
	a.questions = append(a.questions, q)
	return a.answer(q)
}

// withAuthority returns an Authenticator of the tenants local and, with an authority,
// outside, of which the user listed is in the configuration.
func withAuthority(t *testing.T, by Authority) *Authenticator {
	t.Helper()
	a, err := NewShared(Directory{
		Accounts: []Account{
			{Tenant: "local", Name: "ann", PasswordHash: cheap(t, "pw")},
			{Tenant: "outside", Name: "listed", PasswordHash: cheap(t, "pw")},
		},
		Tenants: []Tenant{{Name: "Outside", Hosts: []string{"outside.example"}, Authority: by}},
	}, NewHashing(defaultMemory))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The authority of a tenant is asked about the users of this tenant that are not listed, and
// about nobody else.
func TestWhoIsAskedAbout(t *testing.T) {
	tests := []struct {
		login, host string
		served      []string
		want        string // the user that the authority is asked about, "" for no question
	}{
		{login: "outside/Bob", want: "Bob"},
		{login: "bob@OUTSIDE", want: "bob"},
		{login: "bob@mail.example@outside", want: "bob@mail.example"},
		{login: "bob"},
		{login: "bob", host: "outside.example", want: "bob"},
		{login: "bob", served: []string{"outside"}, want: "bob"},
		{login: "bob@mail.example", served: []string{"outside"}, want: "bob@mail.example"},
		{login: "ann", served: []string{"outside"}, want: "ann"},
		{login: "ann@local", served: []string{"outside"}},
		{login: "outside/listed"},
		{login: "listed"},
		{login: "listed", served: []string{"outside"}},
		{login: "ann"},
		{login: "local/bob"},
		{login: "other/bob"},
		{login: "outside/bob", served: []string{"local"}},
		{login: "outside/"},
		{login: "outside/a/b"},
		{login: "outside/ bob"},
		{login: "outside/bob\n"},
	}
	for _, test := range tests {
		by := &asked{answer: func(q Question) (Decision, error) {
			return Decision{Account: &Account{Tenant: q.Tenant, Name: q.User}}, nil
		}}
		a := withAuthority(t, by)
		account, err := a.Password(t.Context(), Attempt{Login: test.login, Host: test.host, Tenants: test.served, From: client}, "secret")
		switch {
		case test.want == "":
			if len(by.questions) != 0 || !errors.Is(err, ErrDenied) {
				t.Errorf("%+v: asked %v, %v", test, by.questions, err)
			}
		case err != nil || account.Name != test.want || len(by.questions) != 1:
			t.Errorf("%+v: %v, %v", test, account, err)
		default:
			q := by.questions[0]
			if q.Tenant != "Outside" || q.User != test.want || q.Password != "secret" || q.Key != nil || q.From != client {
				t.Errorf("%+v: asked %+v", test, q)
			}
		}
	}
}

// A refusal is ErrDenied, and everything else that is no decision is not. Nobody logs in
// with either, and nothing is remembered.
func TestAuthorityErrors(t *testing.T) {
	by := &asked{answer: func(q Question) (Decision, error) {
		switch q.Password {
		case "right":
			return Decision{Account: &Account{Tenant: q.Tenant, Name: q.User}}, nil
		case "wrong":
			return Decision{}, Refusal("no")
		}
		return Decision{}, errors.New("status 500")
	}}
	a := withAuthority(t, by)
	try := Attempt{Login: "outside/bob", From: client}
	for range 2 {
		if account, err := a.Password(t.Context(), try, "right"); err != nil || account.Name != "bob" {
			t.Errorf("%v, %v", account, err)
		}
		if _, err := a.Password(t.Context(), try, "wrong"); !errors.Is(err, ErrDenied) {
			t.Errorf("a refusal: %v", err)
		}
		_, err := a.Password(t.Context(), try, "broken")
		if _, undecided := errors.AsType[*Undecided](err); !undecided || errors.Is(err, ErrDenied) || strings.Contains(err.Error(), "broken") {
			t.Errorf("no decision: %v", err)
		}
	}
	if len(by.questions) != 6 {
		t.Errorf("%d questions, want one for each login", len(by.questions))
	}
	if _, err := a.PasswordAfterKey(t.Context(), try, "right"); !errors.Is(err, ErrDenied) {
		t.Errorf("a password behind a key: %v", err)
	}
}

// A user of an authority inherits login and enabled as all users do. What the authority decides
// about is a password alone or a key alone.
func TestFactorsOfAuthorityUsers(t *testing.T) {
	key := mustKeys(t, newKey(t))[0].public
	tests := []struct {
		account       Account
		password, key bool
	}{
		{Account{}, true, true},
		{Account{Factors: PasswordOnly}, true, false},
		{Account{Factors: KeyOnly}, false, true},
		{Account{Factors: KeyThenPassword}, false, false},
		{Account{Factors: CertificateOnly}, false, false},
		{Account{Factors: CertificateThenPassword}, false, false},
		{Account{Disabled: true}, false, false},
	}
	for _, test := range tests {
		test.account.Tenant, test.account.Name = "outside", "bob"
		a := withAuthority(t, &asked{answer: func(Question) (Decision, error) {
			return Decision{Account: &test.account}, nil
		}})
		try := Attempt{Login: "outside/bob", From: client}
		if _, err := a.Password(t.Context(), try, "secret"); err == nil != test.password || err != nil && !errors.Is(err, ErrDenied) {
			t.Errorf("%+v: a password: %v", test.account, err)
		}
		if _, _, err := a.Key(t.Context(), try, key); err == nil != test.key || err != nil && !errors.Is(err, ErrDenied) {
			t.Errorf("%+v: a key: %v", test.account, err)
		}
	}
}

// A key is accepted by the authority, or by the keys that it returns.
func TestAuthorityKeys(t *testing.T) {
	own, other, weak := mustKeys(t, newKey(t)), mustKeys(t, newKey(t)), newRSASigner(t, 1024).PublicKey()
	var decision Decision
	by := &asked{answer: func(q Question) (Decision, error) {
		if q.Password != "" || q.Key == nil {
			t.Errorf("asked %+v", q)
		}
		return decision, nil
	}}
	a := withAuthority(t, by)
	key := func(k ssh.PublicKey) (string, error) {
		account, accepted, err := a.Key(t.Context(), Attempt{Login: "outside/bob", From: client}, k)
		if err != nil {
			return "", err
		}
		return account.Name + " " + accepted.Fingerprint, nil
	}
	want := "bob " + ssh.FingerprintSHA256(own[0].public)
	decision = Decision{Account: &Account{Tenant: "outside", Name: "bob"}}
	if got, err := key(own[0].public); got != want {
		t.Errorf("a key that the authority accepts: %q, %v", got, err)
	}
	decision = Decision{Account: &Account{Tenant: "outside", Name: "bob", Keys: own}, Keys: true}
	if got, err := key(own[0].public); got != want {
		t.Errorf("a key that the authority returns: %q, %v", got, err)
	}
	if got, err := key(other[0].public); !errors.Is(err, ErrDenied) {
		t.Errorf("another key: %q, %v", got, err)
	}
	n := len(by.questions)
	if got, err := key(weak); !errors.Is(err, ErrDenied) || len(by.questions) != n {
		t.Errorf("a weak key: %q, %v", got, err)
	}
	decision = Decision{Account: &Account{Tenant: "outside", Name: "bob", Revoked: Revoked{ssh.FingerprintSHA256(own[0].public): {}}}}
	if got, err := key(own[0].public); !errors.Is(err, ErrDenied) {
		t.Errorf("a revoked key: %q, %v", got, err)
	}
}
