package guessing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/clientaddr"
)

// digest is a part of the HMAC of a login or a password, under a key of the process.
type digest [16]byte

// pair is an address that tries a login.
type pair struct {
	address netip.Prefix
	login   digest
}

// guess has the failures of a pair.
type guess struct {
	count
	// wrong has the last wrong passwords, the oldest at next.
	wrong [sameWrong]digest
	next  int
}

// repeats reports whether a wrong password is one of the last. Otherwise it becomes one.
func (g *guess) repeats(wrong digest) bool {
	if slices.Contains(g.wrong[:], wrong) {
		return true
	}
	g.wrong[g.next] = wrong
	g.next = (g.next + 1) % sameWrong
	return false
}

// usual is a pair that has succeeded.
type usual struct {
	// paid is when it has taken back failures of its address.
	paid time.Time
}

// Table has the counts of a process. Its methods may be called concurrently, and take one
// lock, under which nothing is called.
type Table struct {
	key [sha256.Size]byte

	mu        sync.Mutex
	settings  Settings
	addresses recent[netip.Prefix, count]
	logins    recent[digest, count]
	pairs     recent[pair, guess]
	usual     recent[pair, usual]
}

// New returns a Table without failures.
func New(s Settings) *Table {
	t := &Table{settings: s}
	_, _ = rand.Read(t.key[:]) // never fails: crypto/rand ends the program instead
	return t
}

// Set changes the settings. The counts stay.
func (t *Table) Set(s Settings) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settings = s
}

func (t *Table) digest(text string) (d digest) {
	mac := hmac.New(sha256.New, t.key[:])
	_, _ = mac.Write([]byte(text))
	copy(d[:], mac.Sum(nil))
	return d
}

// Attempt is one attempt to log in. A nil Attempt is not counted. Its methods are called by
// one goroutine at a time.
type Attempt struct {
	table    *Table
	settings Settings
	pair     pair
	usual    bool
	refused  *Refusal
	failures int
	doubtful bool
}

// Refusal is why an attempt is refused without a check. Its text is for the log.
type Refusal struct {
	// Of is "address" or "login".
	Of   string
	Most int
}

func (r *Refusal) Error() string {
	if r.Of == "login" {
		return fmt.Sprintf("too many wrong passwords for this login (guessing.failures_per_login = %d): not checked", r.Most)
	}
	return fmt.Sprintf("too many wrong passwords from this address (guessing.failures_per_address = %d): not checked", r.Most)
}

// Begin begins an attempt from an address. The login is folded as accounts are compared.
func (t *Table) Begin(from netip.Addr, login string) *Attempt {
	if t == nil || !from.IsValid() {
		return nil
	}
	a := &Attempt{table: t, pair: pair{clientaddr.Network(from), t.digest(login)}}
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.settings = t.settings; a.settings.Off {
		return nil
	}
	a.count(time.Now())
	return a
}

// Again counts once more, for an attempt that has waited before its password is checked: of
// attempts at the same time, others may have failed meanwhile. It returns what Refused does then.
func (a *Attempt) Again() error {
	if a == nil {
		return nil
	}
	a.table.mu.Lock()
	defer a.table.mu.Unlock()
	a.refused = nil
	a.count(time.Now())
	return a.Refused()
}

// count decides about an attempt that is not refused. The table's mu must be held.
func (a *Attempt) count(now time.Time) {
	t, s := a.table, a.settings
	address, byLogin := t.addresses.get(a.pair.address), t.logins.get(a.pair.login)
	own := 0
	if g := t.pairs.get(a.pair); g != nil {
		own = g.whole(now, s.PerLogin, s.RefuseFor)
		if g.refuses(now) {
			a.refused = &Refusal{"login", s.PerLogin}
		}
	}
	a.failures, a.usual = own, t.usual.get(a.pair) != nil
	if a.usual {
		a.doubtful = own >= doubtfulFrom
		return
	}
	switch {
	case address.refuses(now):
		a.refused = &Refusal{"address", s.PerAddress}
	case byLogin.refuses(now):
		a.refused = &Refusal{"login", s.PerLogin}
	}
	ofAddress, ofLogin := address.whole(now, s.PerAddress, s.RefuseFor), byLogin.whole(now, s.PerLogin, s.RefuseFor)
	a.failures = max(own, ofAddress/backOff, ofLogin/backOff)
	a.doubtful = max(ofAddress, ofLogin) >= doubtfulFrom
}

// Refused returns why the attempt is refused, nil when its password is to be checked.
func (a *Attempt) Refused() error {
	if a == nil || a.refused == nil {
		return nil
	}
	return a.refused
}

// Doubtful reports whether the attempt may be a guess, so that others should not wait for
// it.
func (a *Attempt) Doubtful() bool { return a != nil && a.doubtful }

// Failures returns how many wrong passwords came before: the reply to one more is delayed
// accordingly.
func (a *Attempt) Failures() int {
	if a == nil {
		return 0
	}
	return a.failures
}

// Failed counts a wrong password, unless it is one of the last wrong passwords of the pair. It is
// also called for a login that was refused for another reason: no count may depend on whether the
// password was right. A failure of a usual pair does not count for its address.
func (a *Attempt) Failed(password string) {
	if a == nil {
		return
	}
	wrong, now, s, t := a.table.digest(password), time.Now(), a.settings, a.table
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.pairs.make(a.pair)
	if g.repeats(wrong) {
		return
	}
	g.add(now, s.PerLogin, s.RefuseFor)
	if t.usual.get(a.pair) == nil {
		t.addresses.make(a.pair.address).add(now, s.PerAddress, s.RefuseFor)
	}
	t.logins.make(a.pair.login).add(now, s.PerLogin, s.RefuseFor)
}

// Succeeded notes a right password.
func (a *Attempt) Succeeded() {
	if a == nil {
		return
	}
	now, s, t := time.Now(), a.settings, a.table
	t.mu.Lock()
	defer t.mu.Unlock()
	own, ofAddress := 0.0, 0.0
	if g := t.pairs.get(a.pair); g != nil {
		own = float64(g.whole(now, s.PerLogin, s.RefuseFor))
		*g = guess{}
	}
	if t.usual.get(a.pair) == nil {
		ofAddress = own
	}
	if u := t.usual.make(a.pair); now.Sub(u.paid) >= s.RefuseFor {
		u.paid = now
		ofAddress += float64(s.PerAddress) / paidOff
	}
	if byLogin := t.logins.get(a.pair.login); byLogin != nil {
		byLogin.take(own, s.PerLogin)
	}
	if address := t.addresses.get(a.pair.address); address != nil {
		address.take(ofAddress, s.PerAddress)
	}
}
