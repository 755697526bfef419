package auth

import (
	"testing"
)

// A remembered password of an account is inherited over several configurations while the
// hash is the same. It never accepts a login that the hash would refuse.
func TestInherit(t *testing.T) {
	same := cheap(t, "pw")
	hashes := 0
	build := func(before *Authenticator, accounts ...Account) *Authenticator {
		a := mustNew(t, accounts...)
		a.matches = func(h hash, password string) bool {
			hashes++
			return h.matches(password)
		}
		if before != nil {
			a.Inherit(before)
		}
		return a
	}
	tries := func(a *Authenticator, login, password string, in bool, want int) {
		t.Helper()
		hashes = 0
		_, err := a.Password(t.Context(), Attempt{Login: login, From: client}, password)
		if (err == nil) != in || hashes != want {
			t.Errorf("Password(%q, %q) = %v after %d hashes, want in: %v after %d", login, password, err, hashes, in, want)
		}
	}
	both := []Account{{Tenant: "t", Name: "u", PasswordHash: same}, {Tenant: "t", Name: "v", PasswordHash: same}}
	first := build(nil, both...)
	tries(first, "u", "pw", true, 1)
	tries(first, "u", "pw", true, 0)

	second := build(first, both...)
	third := build(second, Account{Tenant: "T", Name: "U", PasswordHash: same}, both[1])
	tries(third, "u", "pw", true, 0)
	tries(third, "u", "wrong", false, 1)
	tries(third, "v", "pw", true, 1)

	tries(build(third, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")}), "u", "pw", true, 1)
	tries(build(third, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "new")}), "u", "pw", false, 1)
	tries(build(third, Account{Tenant: "other", Name: "u", PasswordHash: same}), "u", "pw", true, 1)
	tries(build(third, Account{Tenant: "t", Name: "w", PasswordHash: same}), "w", "pw", true, 1)
	tries(build(third, Account{Tenant: "t", Name: "u", PasswordHash: same, Disabled: true}), "u", "pw", false, 1)
	tries(build(third, Account{Tenant: "t", Name: "u", PasswordHash: same, Factors: KeyOnly}), "u", "pw", false, 1)
}
