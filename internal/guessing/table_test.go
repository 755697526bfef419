package guessing

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var (
	office   = netip.MustParseAddr("192.0.2.1")
	home     = netip.MustParseAddr("198.51.100.7")
	attacker = netip.MustParseAddr("203.0.113.1")
)

func settings() Settings { return Settings{PerAddress: 12, PerLogin: 10, RefuseFor: 10 * time.Minute} }

// fail lets an address send a password that is wrong, and reports whether it was checked.
func fail(t *Table, from netip.Addr, login, password string) (checked bool) {
	a := t.Begin(from, login)
	if a.Refused() != nil {
		return false
	}
	a.Failed(password)
	return true
}

// succeed is fail for the right password.
func succeed(t *Table, from netip.Addr, login string) (checked bool) {
	a := t.Begin(from, login)
	if a.Refused() != nil {
		return false
	}
	a.Succeeded()
	return true
}

// guess tries passwords until one is refused, and returns how many were checked.
func guessFrom(t *Table, from func(i int) netip.Addr, login func(i int) string) int {
	for i := range 1000 {
		if !fail(t, from(i), login(i), fmt.Sprint("guess", i)) {
			return i
		}
	}
	return 1000
}

func always[T any](v T) func(int) T { return func(int) T { return v } }

// An address is refused whatever logins it tries, an IPv6 network as one address, and a
// login whatever addresses try it. The refusal ends.
func TestRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		each := func(i int) string { return fmt.Sprint("user", i) }
		if n := guessFrom(table, always(attacker), each); n != 12 {
			t.Errorf("%d guesses of one address were checked, want 12", n)
		}
		if table.Begin(attacker, "anyone").Refused().Error() != "too many wrong passwords from this address (guessing.failures_per_address = 12): not checked" {
			t.Error("the log does not say why")
		}
		network := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)) }
		if n := guessFrom(table, network, each); n != 12 {
			t.Errorf("%d guesses of one network were checked, want 12", n)
		}
		many := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }
		if n := guessFrom(table, many, always("victim")); n != 10 {
			t.Errorf("%d guesses of one login were checked, want 10", n)
		}
		err := table.Begin(home, "victim").Refused()
		if r, ok := errors.AsType[*Refusal](err); !ok || r.Of != "login" {
			t.Errorf("a login that was guessed at: %v", err)
		}
		if !fail(table, home, "other", "x") {
			t.Error("an address and a login without failures are refused")
		}
		time.Sleep(10*time.Minute - time.Second)
		if fail(table, attacker, "user", "again") {
			t.Error("the refusal has ended too early")
		}
		time.Sleep(time.Second)
		if !fail(table, attacker, "user", "again") || !succeed(table, home, "victim") {
			t.Error("the refusal does not end")
		}
	})
}

// A login that succeeds from its usual address is not refused because of guesses from
// elsewhere, nor because of other users of its address; only its own failures count.
func TestUsual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		if !succeed(table, office, "victim") {
			t.Fatal("the first login is refused")
		}
		many := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }
		guessFrom(table, many, always("victim"))
		guessFrom(table, always(office), func(i int) string { return fmt.Sprint("user", i) })
		for range 100 {
			if a := table.Begin(office, "victim"); a.Refused() != nil || a.Doubtful() || a.Failures() != 0 {
				t.Fatalf("the usual address of a login: %+v", a)
			}
		}
		if n := guessFrom(table, always(office), always("victim")); n != 10 {
			t.Errorf("%d guesses from the usual address were checked, want 10", n)
		}
		if succeed(table, office, "victim") {
			t.Error("the usual address may guess for ever")
		}
	})
}

// A device that has an old password does not lock its address, however often it comes.
func TestOldPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		for range 1000 {
			if !fail(table, office, "camera", "old") {
				t.Fatal("one wrong password is counted more than once")
			}
			time.Sleep(time.Second)
		}
		if a := table.Begin(office, "other"); a.Refused() != nil || a.Failures() > 1 {
			t.Errorf("others of the address: %+v", a)
		}
	})
}

// Several devices of a user that have different old passwords count no more than one: each
// password once.
func TestOldPasswordsOfSeveralDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		for i := range 1000 {
			if !fail(table, office, "camera", fmt.Sprint("old", i%sameWrong)) {
				t.Fatal("a wrong password is counted more than once")
			}
			time.Sleep(time.Second)
		}
		if n := guessFrom(table, always(office), always("camera")); n > 10 {
			t.Errorf("%d guesses were checked", n)
		}
	})
}

// Users that have logged in from an address do not lock it when their passwords are refused
// there, as when all of them were disabled; each of them is refused for its own failures.
func TestFailuresOfUsualUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		const users = 100
		for user := range users {
			succeed(table, office, fmt.Sprint("user", user))
		}
		for user := range users {
			for try := range 3 {
				if !fail(table, office, fmt.Sprint("user", user), fmt.Sprint("password", try)) {
					t.Fatalf("user %d is refused", user)
				}
			}
		}
		if a := table.Begin(office, "newcomer"); a.Refused() != nil || a.Doubtful() || a.Failures() != 0 {
			t.Errorf("a first login of the address: %+v", a)
		}
		if n := guessFrom(table, always(office), always("user1")); n != 10-3 {
			t.Errorf("%d more guesses at one user were checked, want 7", n)
		}
		// Logins that have not succeeded there count for the address.
		if n := guessFrom(table, always(office), func(i int) string { return fmt.Sprint("other", i) }); n != 12 {
			t.Errorf("%d guesses at others were checked, want 12", n)
		}
	})
}

// Where many users succeed, many may mistype; one account alone does not pay for guesses
// at others.
func TestManyUsersOfOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := New(settings())
		for user := range 200 {
			login := fmt.Sprint("user", user)
			for try := range 3 {
				if !fail(table, office, login, fmt.Sprint("typo", try)) {
					t.Fatalf("user %d is refused for a typo", user)
				}
			}
			if !succeed(table, office, login) {
				t.Fatalf("user %d is refused", user)
			}
			time.Sleep(time.Second)
		}
		own := New(settings())
		checked := 0
		for i := range 1000 {
			succeed(own, attacker, "own")
			if fail(own, attacker, fmt.Sprint("victim", i), "guess") {
				checked++
			}
		}
		if checked > 2*12 {
			t.Errorf("with an account of its own an attacker has %d guesses", checked)
		}
	})
}

// The delay grows over connections, and an attempt after a failure is doubtful.
func TestBackOff(t *testing.T) {
	table := New(settings())
	var failures []int
	var doubtful []bool
	for i := range 6 {
		a := table.Begin(attacker, "user")
		failures, doubtful = append(failures, a.Failures()), append(doubtful, a.Doubtful())
		a.Failed(fmt.Sprint(i))
	}
	if fmt.Sprint(failures, doubtful) != "[0 1 2 3 4 5] [false true true true true true]" {
		t.Errorf("failures and doubts: %v %v", failures, doubtful)
	}
	if a := table.Begin(attacker, "other"); a.Failures() != 1 || !a.Doubtful() {
		t.Errorf("another login of the address: %+v", a)
	}
}

func TestSettings(t *testing.T) {
	table := New(Settings{Off: true})
	if n := guessFrom(table, always(attacker), always("user")); n != 1000 {
		t.Errorf("off: %d", n)
	}
	s := settings()
	table.Set(s)
	if n := guessFrom(table, always(attacker), always("user")); n != 10 {
		t.Errorf("on: %d", n)
	}
	s.Off = true
	table.Set(s)
	if !fail(table, attacker, "user", "x") {
		t.Error("off again: refused")
	}
	var none *Table
	a := none.Begin(attacker, "user")
	a.Failed("x")
	a.Succeeded()
	if a.Refused() != nil || a.Doubtful() || a.Failures() != 0 || table.Begin(netip.Addr{}, "user") != nil {
		t.Error("no table, or no address, is counted")
	}
}

// However many addresses and logins there are, the memory is bounded, and what succeeds is
// not displaced by what fails.
func TestBound(t *testing.T) {
	table := New(settings())
	succeed(table, office, "victim")
	for i := range 2 * maxEntries {
		from := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		fail(table, from, fmt.Sprint("user", i), "x")
	}
	if n := []int{table.addresses.len(), table.logins.len(), table.pairs.len(), table.usual.len()}; fmt.Sprint(n) != fmt.Sprint([]int{maxEntries, maxEntries, maxEntries, 1}) {
		t.Errorf("%v entries", n)
	}
	if a := table.Begin(office, "victim"); !a.usual {
		t.Error("guesses have displaced a usual pair")
	}
}
