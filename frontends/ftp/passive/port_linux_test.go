package passive

import (
	"testing"
	"time"
)

// What has arrived before the command is looked at before the port is handed on, even
// when the goroutine that serves the port has not run at all.
func TestClaimLooksAtThePortFirst(t *testing.T) {
	o := short()
	o.Patience, o.MinAge = time.Minute, 1
	p, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	first := reserve(t, p)
	own, second := dial(t, first.Port()), dial(t, first.Port())
	first.Claim(KeepNot)
	select {
	case <-first.Suspect():
	default:
		t.Error("two connections for one reservation, and no suspicion")
	}
	if got, want := accepted(t, first), own.LocalAddr().String(); got != want {
		t.Errorf("the reservation got %s, want %s", got, want)
	}
	first.Release()
	next := reserve(t, p)
	c := dial(t, next.Port())
	next.Claim(KeepNot)
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s; %s was the second one", got, want, second.LocalAddr())
	}
	select {
	case <-next.Suspect():
		t.Error("the next session is suspect")
	default:
	}
}

// A connection that came when the port was not reserved is not the next one's.
func TestReserveLooksAtThePortFirst(t *testing.T) {
	p, err := Listen(t.Context(), short())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	dial(t, p.Ports()[0])
	o := reserve(t, p)
	c := dial(t, o.Port())
	o.Claim(KeepNot)
	if got, want := accepted(t, o), c.LocalAddr().String(); got != want {
		t.Errorf("the reservation got %s, want %s", got, want)
	}
	if n := p.Metrics().Strays.Value(); n != 1 {
		t.Errorf("%d strays are counted, want one", n)
	}
}
