package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/guessing"
)

// answers are what a client can see of a series of refused passwords: after what time each
// answer comes; and what each costs the server, which a client could measure by other logins.
type answers struct {
	after  []time.Duration
	hashes []int32
}

// A client cannot learn from the time of the answers why it is refused, whether it has the
// right password or not, before and after it has guessed so often that no password is checked
// any more.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	const (
		hashTakes  = 70 * time.Millisecond
		firstDelay = 500 * time.Millisecond
		limit      = 12
	)
	// The hash is computed once, as the test is about the number of hashes.
	pw, keys := cheap(t, "pw"), mustKeys(t, newKey(t))
	accounts := func() []Account {
		other := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
		return []Account{
			{Tenant: "t", Name: "ann", PasswordHash: pw},
			{Tenant: "t", Name: "off", PasswordHash: pw, Disabled: true},
			{Tenant: "t", Name: "old", PasswordHash: pw, Expires: time.Now()},
			{Tenant: "t", Name: "aged", PasswordHash: pw, PasswordExpires: time.Now()},
			{Tenant: "t", Name: "fenced", PasswordHash: pw, Networks: other},
			{Tenant: "t", Name: "outside", PasswordHash: pw, TenantNetworks: other},
			{Tenant: "t", Name: "sftp", PasswordHash: pw, Protocols: []string{SFTP}},
			{Tenant: "t", Name: "keyed", Keys: keys},
			{Tenant: "t", Name: "both", PasswordHash: pw, Keys: keys, Factors: KeyThenPassword},
			{Tenant: "t", Name: "certificate", PasswordHash: pw, Factors: CertificateThenPassword},
			{Tenant: "a", Name: "twin", PasswordHash: pw},
			{Tenant: "b", Name: "twin", PasswordHash: pw},
			{Tenant: "unserved", Name: "guest", PasswordHash: pw},
		}
	}
	// ask sends passwords over a connection each, from one address or from many.
	ask := func(t *testing.T, login string, passwords []string, addresses int) (seen answers) {
		synctest.Test(t, func(t *testing.T) {
			a, hashes := guarded(t, guessing.Settings{PerAddress: limit, PerLogin: limit, RefuseFor: time.Hour}, accounts()...)
			a.matches = func(_ hash, password string) bool {
				hashes.Add(1)
				time.Sleep(hashTakes)
				return password == "pw"
			}
			for i, password := range passwords {
				from := netip.AddrFrom4([4]byte{192, 0, 2, byte(i % addresses)})
				before, begun := hashes.Load(), time.Now()
				_, err := a.Password(t.Context(), Attempt{Login: login, From: from, Protocol: FTP, Tenants: []string{"t", "a", "b"}}, password)
				if !errors.Is(err, ErrDenied) {
					t.Fatalf("%s, attempt %d: %v", login, i, err)
				}
				time.Sleep(Delay(firstDelay, Failures(err)+1, time.Since(begun)))
				seen.after = append(seen.after, time.Since(begun))
				seen.hashes = append(seen.hashes, hashes.Load()-before)
			}
		})
		return seen
	}
	var guesses []string
	for i := range limit + 8 {
		guesses = append(guesses, fmt.Sprint("guess", i))
	}
	for _, addresses := range []int{1, len(guesses)} {
		model := ask(t, "nobody", guesses, addresses)
		if model.hashes[0] != 1 || model.hashes[len(guesses)-1] != 0 {
			t.Fatalf("the guesses of a client cost %d hashes, want none at the end", model.hashes)
		}
		check := func(name, login string, passwords []string) {
			t.Helper()
			got := ask(t, login, passwords, addresses)
			if !slices.Equal(got.after, model.after) || !slices.Equal(got.hashes, model.hashes) {
				t.Errorf("%s, %d addresses: answers after %v for %d hashes,\nwant as for an unknown user %v, %d",
					name, addresses, got.after, got.hashes, model.after, model.hashes)
			}
		}
		for _, login := range []string{"ann", "off", "old", "aged", "fenced", "outside", "sftp", "keyed", "both", "certificate", "twin", "guest"} {
			check(login, login, guesses)
			if login == "ann" {
				continue
			}
			withRight := slices.Clone(guesses)
			withRight[3], withRight[limit+1] = "pw", "pw "
			check(login+", one is right", login, withRight)
		}
		// The only right password that lets nobody in is one that comes too late.
		late := slices.Clone(guesses)
		late[limit+2] = "pw"
		check("ann, right after too many", "ann", late)
	}
}
