package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/session"
)

// guarded returns an Authenticator with a table of guesses, and the number of hashes that
// it has computed.
func guarded(t *testing.T, s guessing.Settings, accounts ...Account) (*Authenticator, *atomic.Int32) {
	t.Helper()
	a := mustNew(t, accounts...)
	a.hashing.CountGuesses(guessing.New(s))
	hashes := &atomic.Int32{}
	matches := a.matches
	a.matches = func(h hash, password string) bool {
		hashes.Add(1)
		return matches(h, password)
	}
	return a, hashes
}

// After the limit no password is checked, the right one included, under any of the user's
// logins; unknown users are no different, and the reason is for the log.
func TestGuessesAreRefusedWithoutHash(t *testing.T) {
	for _, user := range []string{"u", "nobody"} {
		t.Run(user, func(t *testing.T) {
			a, hashes := guarded(t, guessing.Settings{PerAddress: 50, PerLogin: 10, RefuseFor: time.Hour}, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
			for i := range 20 {
				from := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
				_, err := a.Password(t.Context(), Attempt{Login: user, From: from}, fmt.Sprint("guess", i))
				if !errors.Is(err, ErrDenied) {
					t.Fatalf("guess %d: %v", i, err)
				}
				if refused := strings.Contains(err.Error(), "not checked"); refused != (i >= 10) {
					t.Errorf("guess %d: %v", i, err)
				}
				if want := min(i, 10) / 4; i > 0 && Failures(err) != want {
					t.Errorf("guess %d: %d failures before, want %d", i, Failures(err), want)
				}
			}
			if n := hashes.Load(); n != 10 {
				t.Errorf("%d hashes were computed, want 10", n)
			}
			if user == "nobody" {
				return
			}
			for _, login := range []string{"u", "T/U", "u@t"} {
				if _, err := a.Password(t.Context(), Attempt{Login: login, From: netip.MustParseAddr("198.51.100.1")}, "pw"); !errors.Is(err, ErrDenied) {
					t.Errorf("%s: %v", login, err)
				}
			}
		})
	}
}

// Guesses that wait for their hash while others fail are not checked after the limit. Nor is an
// authority asked about them.
func TestGuessesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, all = 10, 100
		a, hashes := guarded(t, guessing.Settings{PerAddress: all, PerLogin: limit, RefuseFor: time.Hour}, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
		matches := a.matches
		a.matches = func(h hash, password string) bool {
			time.Sleep(time.Second) // all others wait by then
			return matches(h, password)
		}
		var attempts sync.WaitGroup
		for i := range all {
			attempts.Go(func() {
				from := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
				if _, err := a.Password(t.Context(), Attempt{Login: "u", From: from}, fmt.Sprint("guess", i)); !errors.Is(err, ErrDenied) {
					t.Errorf("guess %d: %v", i, err)
				}
			})
		}
		attempts.Wait()
		if n, most := int(hashes.Load()), limit+2*runtime.GOMAXPROCS(0); n < limit || n > most {
			t.Errorf("%d hashes were computed, want %d to %d", n, limit, most)
		}
	})
}

// The error of a question that is not allowed any more when its turn has come is a refusal, and
// counts as no wrong password.
func TestQuestionAfterTooManyGuesses(t *testing.T) {
	by := &asked{}
	a := withAuthority(t, by)
	a.hashing.CountGuesses(guessing.New(guessing.Settings{PerAddress: 100, PerLogin: 1, RefuseFor: time.Hour}))
	guess := func(password string) error {
		_, err := a.Password(t.Context(), Attempt{Login: "outside/bob", From: client}, password)
		return err
	}
	by.answer = func(q Question) (Decision, error) {
		if q.Password == "first" {
			return Decision{}, Refusal("no")
		}
		// Another guess fails while this one waits for its turn.
		if err := guess("first"); !errors.Is(err, ErrDenied) {
			t.Errorf("the first: %v", err)
		}
		return Decision{}, q.StillAllowed()
	}
	if err := guess("second"); !errors.Is(err, ErrDenied) || CauseOf(err) != CauseTooManyGuesses {
		t.Errorf("the second: %v", err)
	}
}

// A user that has logged in from an address is let in there, whatever others guess.
func TestGuessesFromElsewhere(t *testing.T) {
	a, _ := guarded(t, guessing.Settings{PerAddress: 10, PerLogin: 10, RefuseFor: time.Hour}, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
	home, elsewhere := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("203.0.113.1")
	in := func() error {
		_, err := a.Password(t.Context(), Attempt{Login: "u", From: home}, "pw")
		return err
	}
	if err := in(); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		_, _ = a.Password(t.Context(), Attempt{Login: "u", From: elsewhere}, fmt.Sprint("guess", i))
		_, _ = a.Password(t.Context(), Attempt{Login: fmt.Sprint("other", i), From: home}, "guess")
	}
	if err := in(); err != nil {
		t.Errorf("from the usual address: %v", err)
	}
	if _, err := a.Password(t.Context(), Attempt{Login: "u", From: elsewhere}, "pw"); err == nil {
		t.Error("the address that guesses is let in")
	}
}

// The devices of disabled users continue to log in with the right password. They do not lock
// their address. A guesser cannot learn from the delays which password is right: it counts like
// the wrong ones.
func TestForgottenDevices(t *testing.T) {
	limits := guessing.Settings{PerAddress: 12, PerLogin: 12, RefuseFor: time.Hour}
	const users = 30
	var accounts []Account
	pw := cheap(t, "pw")
	for i := range users {
		accounts = append(accounts, Account{Tenant: "t", Name: fmt.Sprint("camera", i), PasswordHash: pw})
	}
	accounts = append(accounts, Account{Tenant: "t", Name: "ann", PasswordHash: pw})
	office := netip.MustParseAddr("192.0.2.1")
	// No hash is computed: there are hundreds of attempts.
	matches := func(_ hash, password string) bool { return password == "pw" }
	before, _ := guarded(t, limits, accounts...)
	before.matches = matches
	try := func(a *Authenticator, login, password string) error {
		_, err := a.Password(t.Context(), Attempt{Login: login, From: office}, password)
		return err
	}
	for i := range users {
		if err := try(before, fmt.Sprint("camera", i), "pw"); err != nil {
			t.Fatal(err)
		}
		accounts[i].Disabled = true
	}
	after, err := NewShared(Directory{Accounts: accounts}, before.hashing)
	if err != nil {
		t.Fatal(err)
	}
	after.matches = matches
	for range 5 {
		for i := range users {
			if err := try(after, fmt.Sprint("camera", i), "pw"); err == nil || !strings.Contains(err.Error(), "disabled") {
				t.Fatalf("a disabled user: %v", err)
			}
		}
	}
	if err := try(after, "ann", "pw"); err != nil {
		t.Errorf("the first login of another user of the address: %v", err)
	}

	// What a guesser can see: how many failures the delay of each reply is for.
	failures := func(passwords ...string) (seen []int) {
		a, _ := guarded(t, limits, Account{Tenant: "t", Name: "off", PasswordHash: pw, Disabled: true})
		a.matches = matches
		for range 2 {
			for _, password := range passwords {
				seen = append(seen, Failures(try(a, "off", password)))
			}
		}
		return seen
	}
	guesses := []string{"a", "b", "c", "d", "e", "f", "g"}
	wrong := failures(guesses...)
	for i := range guesses {
		withRight := slices.Clone(guesses)
		withRight[i] = "pw"
		if right := failures(withRight...); !slices.Equal(right, wrong) {
			t.Errorf("the right password as guess %d: failures %v, else %v", i, right, wrong)
		}
	}
}

// However many addresses guess, an honest first login waits for one hash at most before its
// own: after a few failures an address has no more than all processors but one.
func TestFloodOfManyAddresses(t *testing.T) {
	const hashTakes = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		a, _ := guarded(t, guessing.Settings{PerAddress: 1000, PerLogin: 1_000_000, RefuseFor: 10_000 * time.Hour},
			Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")}, Account{Tenant: "t", Name: "v", PasswordHash: cheap(t, "pw")})
		guesses := a.hashing.guesses
		a.hashing = newHashing(2, defaultMemory)
		a.hashing.CountGuesses(guesses)
		a.matches = func(_ hash, password string) bool {
			time.Sleep(hashTakes)
			return password == "pw"
		}
		try := func(ctx context.Context, login, password string, from netip.Addr) error {
			s := session.New("ftp", "ftp.test", netip.AddrPortFrom(from, 4711))
			_, err := a.Password(session.NewContext(ctx, s), Attempt{Login: login, From: from}, password)
			return err
		}
		ctx, cancel := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for i := range 400 {
			from := netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)})
			flood.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					_ = try(ctx, "u", fmt.Sprint(i, "guess", n), from)
				}
			})
		}
		time.Sleep(time.Minute)
		begun := time.Now()
		if err := try(t.Context(), "v", "pw", netip.MustParseAddr("192.0.2.1")); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > 2*hashTakes {
			t.Errorf("an honest login takes %v", took)
		}
		cancel()
		flood.Wait()
		if a.hashing.memory.Held() != 0 || a.hashing.doubtful.Held() != 0 {
			t.Error("hashes are held at the end")
		}
	})
}
