package passive

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// A session that keeps its port gets every connection until it lets the port go.
func TestKeptPortGathersCandidates(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := reserve(t, p)
	var want []string
	for range maxCandidates + 2 {
		want = append(want, dial(t, o.Port()).LocalAddr().String())
	}
	o.Claim(KeepAlways)
	for _, want := range want[2:] { // the oldest gave way
		if got := accepted(t, o); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	late := dial(t, o.Port())
	if got, want := accepted(t, o), late.LocalAddr().String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o.MoveOn()
	next := reserve(t, p)
	if _, err := o.Accept(t.Context()); !errors.Is(err, ErrMovedOn) {
		t.Errorf("Accept after MoveOn: %v, want %v", err, ErrMovedOn)
	}
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}

// A session that keeps a port for too long loses it, and others do not wait for a rest.
func TestKeptPortLapses(t *testing.T) {
	o := short()
	o.Quarantine = time.Minute
	p := serve(t, o)
	kept := reserve(t, p)
	dial(t, kept.Port())
	kept.Claim(KeepAlways)
	accepted(t, kept)
	reserve(t, p)
}

// After trouble a port stays for a moment with the reservation that had it, and a
// connection that comes then belongs to no session.
func TestPortLingersAfterTrouble(t *testing.T) {
	o := short()
	o.Patience, o.Quarantine = 200*time.Millisecond, 500*time.Millisecond
	p := serve(t, o)
	silent := reserve(t, p)
	troubled := reserve(t, p) // silent was revoked
	if _, err := silent.Accept(t.Context()); !errors.Is(err, ErrNotTaken) {
		t.Fatalf("the silent reservation ends with %v", err)
	}
	dial(t, troubled.Port())
	accepted(t, troubled)
	begun := time.Now()
	troubled.Claim(KeepNot)
	reserve(t, p)
	if waited := time.Since(begun); waited < linger {
		t.Errorf("the port went on after %v, want %v", waited, linger)
	}
}

// A session whose client did not connect waits behind all others.
func TestLateWaitsBehindOthers(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	holder := reserve(t, p)
	order := make(chan string, 3)
	enqueue := func(name string, late bool, waiting int) {
		t.Helper()
		go func() {
			o, err := p.Reserve(context.WithoutCancel(t.Context()), netip.MustParseAddr("127.0.0.1"), owner(), late)
			if err != nil {
				order <- err.Error()
				return
			}
			order <- name
			o.Release()
		}()
		for {
			p.mu.Lock()
			n := p.peers[netip.MustParseAddr("127.0.0.1")].ports.Waiting()
			p.mu.Unlock()
			if n == waiting {
				return
			}
			runtime.Gosched()
		}
	}
	enqueue("late", true, 1)
	enqueue("first", false, 2)
	enqueue("second", false, 3)
	holder.Release()
	for _, want := range []string{"first", "second", "late"} {
		if got := <-order; got != want {
			t.Errorf("served %q, want %q", got, want)
		}
	}
}

// A client that waits for an answer of ours between its PASV and its transfer keeps the
// port for longer than one that is silent, and not for ever.
func TestPatienceWhileTheClientWaits(t *testing.T) {
	o := short()
	o.Patience = 200 * time.Millisecond
	p := serve(t, o)
	begun := time.Now()
	waits := reserve(t, p)
	waits.Pause()
	next := reserve(t, p)
	if took := time.Since(begun); took < 2*o.Patience {
		t.Errorf("the port went to the next session after %v, want %v", took, 2*o.Patience)
	}
	if _, err := waits.Accept(t.Context()); !errors.Is(err, ErrNotTaken) {
		t.Errorf("the reservation ends with %v", err)
	}
	next.Pause()
	next.Resume()
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}
