package passive

import (
	"testing"
	"time"
)

// A connection that comes late, when its port is offered to the next session
// already, takes that session's place. The session's own connection then finds
// no offer: that is the evidence.
func TestLateConnectionMakesSuspects(t *testing.T) {
	o := short()
	o.Patience, o.Quarantine = time.Second, 500*time.Millisecond
	p := serve(t, o)
	silent := offer(t, p)
	next := offer(t, p) // waits until silent is revoked and its port has rested
	if !next.Wary() {
		t.Fatal("the port was revoked a moment ago, and nothing is wary of it")
	}
	dial(t, silent.Port()) // late
	accepted(t, next)
	dial(t, next.Port()) // the right one
	select {
	case <-next.Suspect():
	case <-t.Context().Done():
	case <-time.After(10 * time.Second):
		t.Fatal("no suspicion")
	}
	if c := p.Counters(); c.Suspects != 1 || c.Strays != 0 {
		t.Errorf("counters are %+v", c)
	}
}

// The same of a promise that was made twice: the first connection may be taken
// for the second.
func TestRenewedOfferMakesSuspects(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := offer(t, p)
	if !o.Renew() || !o.Wary() {
		t.Fatal("an open offer cannot be renewed, or nothing is wary of it")
	}
	dial(t, o.Port())
	accepted(t, o)
	dial(t, o.Port())
	select {
	case <-o.Suspect():
	case <-time.After(10 * time.Second):
		t.Fatal("no suspicion")
	}
}

// A stray connection to a port whose promises were all kept says nothing.
func TestStrayAloneIsNoEvidence(t *testing.T) {
	p := serve(t, short())
	o := offer(t, p)
	dial(t, o.Port())
	accepted(t, o)
	o.Claim(false)
	stray := dial(t, o.Port())
	if _, err := stray.Read(make([]byte, 1)); err == nil {
		t.Fatal("the stray connection is served")
	}
	select {
	case <-o.Suspect():
		t.Error("suspicion without a broken promise")
	default:
	}
}

// The port goes to the next session when both connection and command are there;
// a second connection before that makes the first one suspect.
func TestSecondConnectionMakesSuspects(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := offer(t, p)
	dial(t, o.Port())
	accepted(t, o)
	dial(t, o.Port())
	select {
	case <-o.Suspect():
	case <-time.After(10 * time.Second):
		t.Fatal("no suspicion")
	}
	o.Claim(false)
	next := offer(t, p)
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}

// A session that never sends its command holds the port for Patience alone.
func TestCommandThatNeverComes(t *testing.T) {
	p := serve(t, short())
	o := offer(t, p)
	dial(t, o.Port())
	accepted(t, o)
	next := offer(t, p)
	dial(t, next.Port())
	accepted(t, next)
}

// After a restart the promises of the process before are not known: a late
// connection for one of them takes a new session's place.
func TestYoungPlaneIsWary(t *testing.T) {
	young := short()
	young.Youth, young.Patience = time.Minute, time.Minute
	p := serve(t, young)
	o := offer(t, p)
	if !o.Wary() {
		t.Error("a young plane trusts every connection")
	}
	dial(t, o.Port()) // late
	accepted(t, o)
	o.Claim(false)
	dial(t, o.Port()) // the right one
	select {
	case <-o.Suspect():
	case <-time.After(10 * time.Second):
		t.Fatal("no suspicion")
	}
}
