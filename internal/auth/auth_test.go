package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

var client = netip.MustParseAddr("192.0.2.7")

// cheap returns the cheapest hash there is of the password.
func cheap(t testing.TB, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func mustNew(t testing.TB, accounts ...Account) *Authenticator {
	t.Helper()
	a, err := New(accounts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPassword(t *testing.T) {
	a := mustNew(t,
		Account{Tenant: "contoso", Name: "Camera-01", PasswordHash: cheap(t, "one")},
		Account{Tenant: "contoso", Name: "ops@contoso.com", PasswordHash: cheap(t, "two")},
		Account{Tenant: "Straße", Name: "kamera", PasswordHash: cheap(t, "three")},
		Account{Tenant: "contoso", Name: "keys-only"},
		Account{
			Tenant: "contoso", Name: "fenced", PasswordHash: cheap(t, "four"),
			Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		},
		Account{
			Tenant: "contoso", Name: "mapped", PasswordHash: cheap(t, "five"),
			Networks: []netip.Prefix{netip.MustParsePrefix("::ffff:203.0.113.0/120"), netip.MustParsePrefix("fe80::/10")},
		},
	)
	tests := []struct {
		name, login, password, from string
		want                        string // "" means denied
	}{
		{"bare", "Camera-01", "one", "192.0.2.7", "Camera-01"},
		{"bare in other case", "cAMERA-01", "one", "192.0.2.7", "Camera-01"},
		{"tenant first", "contoso/camera-01", "one", "192.0.2.7", "Camera-01"},
		{"tenant first in other case", "CONTOSO/CAMERA-01", "one", "192.0.2.7", "Camera-01"},
		{"tenant last", "camera-01@Contoso", "one", "192.0.2.7", "Camera-01"},
		{"Kelvin sign folds to k", "Kamera", "three", "192.0.2.7", "kamera"},
		{"mail address", "OPS@contoso.com", "two", "192.0.2.7", "ops@contoso.com"},
		{"mail address and tenant", "ops@contoso.com@contoso", "two", "192.0.2.7", "ops@contoso.com"},
		{"other tenant", "straße/camera-01", "one", "192.0.2.7", ""},
		{"wrong password", "camera-01", "two", "192.0.2.7", ""},
		{"password in other case", "camera-01", "ONE", "192.0.2.7", ""},
		{"empty password", "camera-01", "", "192.0.2.7", ""},
		{"huge password", "camera-01", strings.Repeat("x", maxPasswordBytes+1), "192.0.2.7", ""},
		{"empty name", "", "one", "192.0.2.7", ""},
		{"empty user", "contoso/", "one", "192.0.2.7", ""},
		{"unknown", "nobody", "one", "192.0.2.7", ""},
		{"name with NUL", "camera-01\x00", "one", "192.0.2.7", ""},
		{"name with a line end", "camera-01\n", "one", "192.0.2.7", ""},
		{"name that is no UTF-8", "camera-01\xff", "one", "192.0.2.7", ""},
		{"huge name", strings.Repeat("x", 10_000), "one", "192.0.2.7", ""},
		{"no password set", "keys-only", "anything", "192.0.2.7", ""},
		{"inside its network", "fenced", "four", "203.0.113.9", "fenced"},
		{"inside, as mapped address", "fenced", "four", "::ffff:203.0.113.9", "fenced"},
		{"inside its IPv6 network", "fenced", "four", "2001:db8::1", "fenced"},
		{"outside", "fenced", "four", "192.0.2.7", ""},
		{"from nowhere", "fenced", "four", "", ""},
		{"network given as mapped", "mapped", "five", "203.0.113.9", "mapped"},
		{"outside a network given as mapped", "mapped", "five", "203.0.114.9", ""},
		{"address with a zone", "mapped", "five", "fe80::1%eth0", "mapped"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var from netip.Addr
			if test.from != "" {
				from = netip.MustParseAddr(test.from)
			}
			got, err := a.Password(t.Context(), Attempt{Login: test.login, From: from}, test.password)
			switch {
			case test.want == "" && (got != nil || !errors.Is(err, ErrDenied)):
				t.Errorf("Password(%q) = %v, %v, want ErrDenied and no account", test.login, got, err)
			case test.want != "" && (err != nil || got.Name != test.want):
				t.Errorf("Password(%q) = %v, %v, want %q", test.login, got, err, test.want)
			}
		})
	}
}

// Every login that fails costs exactly one hash, as the right one does.
func TestOneHashWhateverTheReason(t *testing.T) {
	a := mustNew(t,
		Account{Tenant: "t", Name: "known", PasswordHash: cheap(t, "pw")},
		Account{Tenant: "t", Name: "keys-only"},
		Account{Tenant: "t", Name: "disabled", PasswordHash: cheap(t, "pw"), Disabled: true},
		Account{Tenant: "t", Name: "expired", PasswordHash: cheap(t, "pw"), Expires: time.Now()},
		Account{
			Tenant: "t", Name: "fenced", PasswordHash: cheap(t, "pw"),
			Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")},
		},
		Account{Tenant: "t", Name: "twin", PasswordHash: cheap(t, "pw")},
		Account{Tenant: "s", Name: "twin", PasswordHash: cheap(t, "pw")},
		Account{Tenant: "elsewhere", Name: "theirs", PasswordHash: cheap(t, "pw")},
	)
	var count int
	a.matches = func(h hash, password string) bool {
		count++
		return h.matches(password)
	}
	for _, login := range []string{"known", "unknown", "fenced", "disabled", "expired", "keys-only", "t/unknown", "other/known", "twin", "theirs", "elsewhere/theirs"} {
		for _, password := range []string{"pw", "wrong"} {
			count = 0
			_, _ = a.Password(t.Context(), Attempt{Login: login, From: client, Tenants: []string{"t", "s"}}, password)
			if count != 1 {
				t.Errorf("Password(%q, %q) computed %d hashes, want 1", login, password, count)
			}
		}
	}
}

// An unknown name costs what some account's own hash costs, and the same each
// time: with mixed costs, neither the amount nor its change reveals which names are known.
func TestUnknownNamesCostWhatAccountsCost(t *testing.T) {
	accounts := []Account{
		{Tenant: "t", Name: "a", PasswordHash: cheap(t, "pw")},
		{Tenant: "t", Name: "b", PasswordHash: "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
		{Tenant: "t", Name: "c", PasswordHash: "$argon2id$v=19$m=128,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
	}
	costOf := func(a *Authenticator, login string) string {
		var cost string
		a.matches = func(h hash, _ string) bool {
			cost = fmt.Sprintf("%s/%d/%d", h.bcrypt, h.memoryKiB, h.passes)
			return false
		}
		_, _ = a.Password(t.Context(), Attempt{Login: login, From: client}, "pw")
		return cost
	}
	a, again := mustNew(t, accounts...), mustNew(t, accounts...)
	// No hash is computed here, so that there is nothing to free.
	a.hashing.free, again.hashing.free = func() {}, func() {}
	known := map[string]int{costOf(a, "a"): 0, costOf(a, "b"): 0, costOf(a, "c"): 0}
	for i := range 300 {
		login := fmt.Sprintf("nobody-%d", i)
		cost := costOf(a, login)
		if _, ok := known[cost]; !ok {
			t.Fatalf("the unknown name %q costs %q, which is no account's cost", login, cost)
		}
		known[cost]++
		if next := costOf(again, strings.ToUpper(login)); next != cost {
			t.Fatalf("the unknown name %q costs %q first and %q after a restart", login, cost, next)
		}
	}
	for cost, n := range known {
		if n < 30 {
			t.Errorf("of 300 unknown names only %d cost %q", n, cost)
		}
	}
}

func TestUnknownNamesWithoutAccounts(t *testing.T) {
	a := mustNew(t)
	var cost uint32
	a.matches = func(h hash, _ string) bool {
		cost = h.memoryKiB
		return true // even then no user is let in
	}
	if _, err := a.Password(t.Context(), Attempt{Login: "nobody", From: client}, "pw"); !errors.Is(err, ErrDenied) {
		t.Errorf("Password = %v, want ErrDenied", err)
	}
	if cost != newMemoryKiB {
		t.Errorf("an unknown name costs %d KiB, want what a new hash costs", cost)
	}
}

func TestHashesAtOnceAreBounded(t *testing.T) {
	a := mustNew(t, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
	bound := runtime.GOMAXPROCS(0)
	var running, most atomic.Int32
	entered, release := make(chan struct{}), make(chan struct{})
	a.matches = func(hash, string) bool {
		n := running.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		entered <- struct{}{}
		<-release
		running.Add(-1)
		return true
	}
	var wg sync.WaitGroup
	logins := 4 * bound
	for range logins {
		wg.Go(func() {
			if _, err := a.Password(t.Context(), Attempt{Login: "u", From: client}, "pw"); err != nil {
				t.Errorf("a login that had to wait: %v", err)
			}
		})
	}
	for range bound {
		<-entered
	}
	// All slots are taken now: a further login gives up with its context.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Password(ctx, Attempt{Login: "u", From: client}, "pw"); !errors.Is(err, context.Canceled) {
		t.Errorf("Password with a cancelled context = %v, want context.Canceled", err)
	}
	go func() {
		for range logins - bound {
			<-entered
		}
	}()
	close(release)
	wg.Wait()
	if got := most.Load(); got != int32(bound) {
		t.Errorf("%d hashes were computed at once, want %d", got, bound)
	}
}

func TestNewRefuses(t *testing.T) {
	h := cheap(t, "pw")
	tests := []struct {
		name     string
		accounts []Account
		want     string
	}{
		{"no tenant", []Account{{Name: "u"}}, "tenant name: it is empty"},
		{"no user", []Account{{Tenant: "t"}}, "user name: it is empty"},
		{"NUL", []Account{{Tenant: "t", Name: "u\x00"}}, "control character"},
		{"line end in the tenant", []Account{{Tenant: "t\r\n", Name: "u"}}, "control character"},
		{"C1 control", []Account{{Tenant: "t", Name: "u\u0085"}}, "control character"},
		{"no UTF-8", []Account{{Tenant: "t", Name: "u\xff"}}, "UTF-8"},
		{"blank", []Account{{Tenant: "t", Name: " "}}, "white space"},
		{"slash", []Account{{Tenant: "t", Name: "a/b"}}, `"/"`},
		{"at in the tenant", []Account{{Tenant: "a@b", Name: "u"}}, `"@"`},
		{"too long", []Account{{Tenant: "t", Name: strings.Repeat("x", maxNameBytes+1)}}, "longer"},
		{"bad hash", []Account{{Tenant: "t", Name: "u", PasswordHash: "plain"}}, "password hash"},
		{"zero network", []Account{{Tenant: "t", Name: "u", Networks: []netip.Prefix{{}}}}, "network"},
		{"the same twice", []Account{{Tenant: "t", Name: "u", PasswordHash: h}, {Tenant: "t", Name: "u", PasswordHash: h}}, `login "u"`},
		{"names that differ in case", []Account{{Tenant: "t", Name: "upload"}, {Tenant: "t", Name: "Upload"}}, "login"},
		{"names that fold together", []Account{{Tenant: "t", Name: "Kelvin"}, {Tenant: "t", Name: "\u212Aelvin"}}, "login"},
		{"one's user@tenant is another's name", []Account{{Tenant: "b", Name: "a"}, {Tenant: "t", Name: "A@B"}}, "login"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.accounts)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New = %v, want an error that holds %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), h) {
				t.Errorf("the error quotes a hash: %v", err)
			}
		})
	}
}

func TestFoldIsEqualFold(t *testing.T) {
	for _, pair := range [][2]string{{"K", "\u212A"}, {"ſ", "S"}, {"Σ", "ς"}, {"İ", "i"}, {"ß", "ẞ"}, {"ß", "ss"}, {"é", "É"}} {
		if got, want := Fold(pair[0]) == Fold(pair[1]), strings.EqualFold(pair[0], pair[1]); got != want {
			t.Errorf("Fold(%q) == Fold(%q) is %v, EqualFold says %v", pair[0], pair[1], got, want)
		}
	}
}
