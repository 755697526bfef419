package passive

import (
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// A connection that comes late, when its port is reserved for the next session
// already, takes that session's place. The session's own connection then finds
// no reservation: that is the evidence.
func TestLateConnectionMakesSuspects(t *testing.T) {
	o := short()
	o.Patience, o.Quarantine = time.Second, 500*time.Millisecond
	p := serve(t, o)
	silent := reserve(t, p)
	next := reserve(t, p) // waits until silent is revoked and its port has rested
	if !next.Wary() {
		t.Fatal("the port was revoked a moment ago, and nothing is wary of it")
	}
	dial(t, silent.Port()) // late
	accepted(t, next)
	dial(t, next.Port()) // the right one
	select {
	case <-next.Suspect():
	case <-t.Context().Done():
	case <-time.After(patience.Limit()):
		t.Fatal("no suspicion")
	}
	if m := p.Metrics(); m.Suspects.Value() != 1 || m.Strays.Value() != 0 {
		t.Errorf("%d suspects and %d strays are counted, want one suspect", m.Suspects.Value(), m.Strays.Value())
	}
}

// The same of a reservation that was renewed: the first connection may be taken
// for the second.
func TestRenewedReservationMakesSuspects(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := reserve(t, p)
	if !o.Renew() || !o.Wary() {
		t.Fatal("an open reservation cannot be renewed, or nothing is wary of it")
	}
	dial(t, o.Port())
	accepted(t, o)
	dial(t, o.Port())
	select {
	case <-o.Suspect():
	case <-time.After(patience.Limit()):
		t.Fatal("no suspicion")
	}
}

// A connection without a reservation may be the one of a reservation whose place
// another took before it: those that were taken a short while ago are suspect.
func TestStrayMakesSuspects(t *testing.T) {
	o := short()
	o.Patience = time.Minute
	p := serve(t, o)
	first := reserve(t, p)
	if first.Strayed() {
		t.Fatal("somebody strayed before anybody connected")
	}
	dial(t, first.Port())
	accepted(t, first)
	first.Claim(KeepNot)
	stray := dial(t, first.Port())
	if _, err := stray.Read(make([]byte, 1)); err == nil {
		t.Fatal("the stray connection is served")
	}
	select {
	case <-first.Suspect():
	case <-time.After(patience.Limit()):
		t.Fatal("no suspicion")
	}
	if next := reserve(t, p); !next.Strayed() {
		t.Error("the stray connection is forgotten")
	}
}

// Reservations whose connections came long ago are not suspect.
func TestStrayIsNoEvidenceForever(t *testing.T) {
	o := short()
	o.Patience = time.Millisecond
	p := serve(t, o)
	old := reserve(t, p)
	dial(t, old.Port())
	accepted(t, old)
	old.Claim(KeepNot)
	for time.Since(old.connectedAt) <= p.o.Patience {
		runtime.Gosched()
	}
	stray := dial(t, old.Port())
	if _, err := stray.Read(make([]byte, 1)); err == nil {
		t.Fatal("the stray connection is served")
	}
	select {
	case <-old.Suspect():
		t.Error("suspicion long after the connection came")
	default:
	}
}

// Strays are remembered when no client of their address has a session, and not without a
// bound.
func TestStraysAreRemembered(t *testing.T) {
	p := serve(t, short())
	stray := dial(t, p.Ports()[0])
	if _, err := stray.Read(make([]byte, 1)); err == nil {
		t.Fatal("the stray connection is served")
	}
	if !reserve(t, p).Strayed() {
		t.Error("the stray connection is forgotten")
	}
	addr := netip.MustParseAddr("2001:db8::")
	for range 2 * maxStrayed {
		p.mu.Lock()
		p.strayed.note(addr, p.o.Quarantine)
		p.mu.Unlock()
		addr = addr.Next()
	}
	if n := len(p.strayed); n > maxStrayed {
		t.Errorf("%d addresses are remembered, want at most %d", n, maxStrayed)
	}
}

// A port that is kept only while no session needs it goes to the session that waits for it, unless
// somebody strayed.
func TestQuietlyKeptPort(t *testing.T) {
	for name, strays := range map[string]bool{"quiet": false, "after a stray connection": true} {
		t.Run(name, func(t *testing.T) {
			o := short()
			o.Patience, o.Quarantine, o.MaxHold = time.Minute, time.Minute, 100*time.Millisecond
			p := serve(t, o)
			if strays {
				stray := dial(t, p.Ports()[0])
				if _, err := stray.Read(make([]byte, 1)); err == nil {
					t.Fatal("the stray connection is served")
				}
			}
			kept := reserve(t, p)
			dial(t, kept.Port())
			accepted(t, kept)
			kept.Claim(KeepQuiet)
			second := dial(t, kept.Port())
			if got, want := accepted(t, kept), second.LocalAddr().String(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			kept.p.mu.Lock()
			kept.peer.trouble = time.Time{} // the second connection was ours
			kept.p.mu.Unlock()
			_, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false)
			if strays != errors.Is(err, ErrBusy) || !strays && err != nil {
				t.Errorf("the next session's reservation: %v", err)
			}
		})
	}
}

// The port goes to the next session when both connection and command are there;
// a second connection before that makes the first one suspect.
func TestSecondConnectionMakesSuspects(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := reserve(t, p)
	dial(t, o.Port())
	accepted(t, o)
	dial(t, o.Port())
	select {
	case <-o.Suspect():
	case <-time.After(patience.Limit()):
		t.Fatal("no suspicion")
	}
	o.Claim(KeepNot)
	next := reserve(t, p)
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}

// A session that never sends its command holds the port for Patience alone.
func TestCommandThatNeverComes(t *testing.T) {
	p := serve(t, short())
	o := reserve(t, p)
	dial(t, o.Port())
	accepted(t, o)
	next := reserve(t, p)
	dial(t, next.Port())
	accepted(t, next)
}

// After a restart the reservations of the process before are not known: a late
// connection for one of them takes a new session's place.
func TestNewPlaneIsWary(t *testing.T) {
	recent := short()
	recent.MinAge, recent.Patience = time.Minute, time.Minute
	p := serve(t, recent)
	o := reserve(t, p)
	if !o.Wary() {
		t.Error("a plane that has just started trusts every connection")
	}
	dial(t, o.Port()) // late
	accepted(t, o)
	o.Claim(KeepNot)
	dial(t, o.Port()) // the right one
	select {
	case <-o.Suspect():
	case <-time.After(patience.Limit()):
		t.Fatal("no suspicion")
	}
}
