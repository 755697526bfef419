package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted lets a count the hashes that it computes.
func counted(a *Authenticator) *atomic.Int32 {
	var n atomic.Int32
	a.matches = func(h hash, password string) bool {
		n.Add(1)
		return h.matches(password)
	}
	return &n
}

func TestRightPasswordIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := mustNew(t, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "right")})
		hashes := counted(a)
		for _, step := range []struct {
			after           time.Duration
			login, password string
			ok              bool
			hashes          int32
		}{
			{0, "u", "wrong", false, 1},
			{0, "u", "wrong", false, 1}, // not even as wrong
			{0, "u", "right", true, 1},
			{0, "u", "right", true, 0},
			{0, "T/U", "right", true, 0},
			{0, "u", "wrong", false, 1},
			{0, "u", "right", true, 0}, // a wrong one does not replace it
			{0, "nobody", "right", false, 1},
			{rememberFor - 1, "u", "right", true, 0},
			{1, "u", "right", true, 1}, // the time counts from the hash, not from the last login
			{0, "u", "right", true, 0},
		} {
			time.Sleep(step.after)
			before := hashes.Load()
			_, err := a.Password(t.Context(), Attempt{Login: step.login, From: client}, step.password)
			if got := hashes.Load() - before; got != step.hashes || (err == nil) != step.ok {
				t.Errorf("%+v: %v after %d hashes", step, err, got)
			}
		}
	})
}

// A fast refusal would reveal to a client at another address that the password is right.
func TestRememberedPasswordOutsideItsNetworksCostsAHash(t *testing.T) {
	a := mustNew(t, Account{
		Tenant: "t", Name: "fenced", PasswordHash: cheap(t, "pw"),
		Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	})
	hashes := counted(a)
	if _, err := a.Password(t.Context(), Attempt{Login: "fenced", From: client}, "pw"); err != nil {
		t.Fatal(err)
	}
	_, err := a.Password(t.Context(), Attempt{Login: "fenced", From: netip.MustParseAddr("198.51.100.1")}, "pw")
	if !errors.Is(err, ErrDenied) || hashes.Load() != 2 {
		t.Errorf("%v after %d hashes, want ErrDenied after 2", err, hashes.Load())
	}
}

// Two users with one password are still two: only the one that has logged in is
// remembered.
func TestRememberedForOneAccount(t *testing.T) {
	a := mustNew(t,
		Account{Tenant: "t", Name: "a", PasswordHash: cheap(t, "same")},
		Account{Tenant: "t", Name: "b", PasswordHash: cheap(t, "same")},
		Account{Tenant: "t", Name: "keys-only"},
	)
	hashes := counted(a)
	if _, err := a.Password(t.Context(), Attempt{Login: "a", From: client}, "same"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Password(t.Context(), Attempt{Login: "keys-only", From: client}, "same"); !errors.Is(err, ErrDenied) {
		t.Errorf("a user without a password: %v", err)
	}
	if got, err := a.Password(t.Context(), Attempt{Login: "b", From: client}, "same"); err != nil || got.Name != "b" || hashes.Load() != 3 {
		t.Errorf("got %v, %v after %d hashes", got, err, hashes.Load())
	}
}

func TestClientsThatComeTogetherNeedOneHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := mustNew(t, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
		a.hashing = newHashing(1, defaultMemory)
		var hashes atomic.Int32
		release := make(chan struct{})
		a.matches = func(hash, string) bool {
			hashes.Add(1)
			<-release
			return true
		}
		var logins sync.WaitGroup
		for range 10 {
			logins.Go(func() {
				if _, err := a.Password(t.Context(), Attempt{Login: "u", From: client}, "pw"); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		logins.Wait()
		if got := hashes.Load(); got != 1 {
			t.Errorf("%d hashes for ten clients with one password", got)
		}
	})
}

func TestNewAuthenticatorRemembersNothing(t *testing.T) {
	account := Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")}
	for range 2 {
		a := mustNew(t, account)
		hashes := counted(a)
		if _, err := a.Password(t.Context(), Attempt{Login: "u", From: client}, "pw"); err != nil || hashes.Load() != 1 {
			t.Errorf("%v after %d hashes, want one", err, hashes.Load())
		}
	}
	if first, second := mustNew(t, account), mustNew(t, account); first.remembered.digest("pw") == second.remembered.digest("pw") {
		t.Error("two of them have one key")
	}
}

// What is not fresh is not kept either.
func TestRememberedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var accounts []Account
		for i := range 5 {
			accounts = append(accounts, Account{Tenant: "t", Name: fmt.Sprintf("u%d", i), PasswordHash: cheap(t, "pw")})
		}
		a := mustNew(t, accounts...)
		for i := range accounts {
			if i == len(accounts)-1 {
				time.Sleep(rememberFor)
			}
			if _, err := a.Password(t.Context(), Attempt{Login: accounts[i].Name, From: client}, "pw"); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(a.remembered.digests); got != 1 {
			t.Errorf("%d digests are kept, want the fresh one", got)
		}
	})
}
