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
	o := offer(t, p)
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
	next := offer(t, p)
	if _, err := o.Accept(t.Context()); !errors.Is(err, ErrMovedOn) {
		t.Errorf("Accept after MoveOn: %v, want %v", err, ErrMovedOn)
	}
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}

// Who keeps a port for too long loses it, and others do not wait for a rest.
func TestKeptPortLapses(t *testing.T) {
	o := short()
	o.Quarantine = time.Minute
	p := serve(t, o)
	kept := offer(t, p)
	dial(t, kept.Port())
	kept.Claim(KeepAlways)
	accepted(t, kept)
	offer(t, p)
}

// After trouble a port stays for a moment with the offer that had it, and a
// connection that comes then falls to nobody.
func TestPortLingersAfterTrouble(t *testing.T) {
	o := short()
	o.Patience, o.Quarantine = 200*time.Millisecond, 500*time.Millisecond
	p := serve(t, o)
	silent := offer(t, p)
	troubled := offer(t, p) // silent was revoked
	if _, err := silent.Accept(t.Context()); !errors.Is(err, ErrNotTaken) {
		t.Fatalf("the silent offer ends with %v", err)
	}
	dial(t, troubled.Port())
	accepted(t, troubled)
	begun := time.Now()
	troubled.Claim(KeepNot)
	offer(t, p)
	if waited := time.Since(begun); waited < linger {
		t.Errorf("the port went on after %v, want %v", waited, linger)
	}
}

// Who let a promise pass waits behind everybody else.
func TestTardyWaitsBehindOthers(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	holder := offer(t, p)
	order := make(chan string, 3)
	enqueue := func(name string, tardy bool, waiting int) {
		t.Helper()
		go func() {
			o, err := p.Offer(context.WithoutCancel(t.Context()), netip.MustParseAddr("127.0.0.1"), tardy)
			if err != nil {
				order <- err.Error()
				return
			}
			order <- name
			o.Release()
		}()
		for {
			p.mu.Lock()
			n := len(p.peers[netip.MustParseAddr("127.0.0.1")].waiting)
			p.mu.Unlock()
			if n == waiting {
				return
			}
			runtime.Gosched()
		}
	}
	enqueue("tardy", true, 1)
	enqueue("first", false, 2)
	enqueue("second", false, 3)
	holder.Release()
	for _, want := range []string{"first", "second", "tardy"} {
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
	waits := offer(t, p)
	waits.Pause()
	next := offer(t, p)
	if took := time.Since(begun); took < 2*o.Patience {
		t.Errorf("the port went to the next session after %v, want %v", took, 2*o.Patience)
	}
	if _, err := waits.Accept(t.Context()); !errors.Is(err, ErrNotTaken) {
		t.Errorf("the offer ends with %v", err)
	}
	next.Pause()
	next.Resume()
	c := dial(t, next.Port())
	if got, want := accepted(t, next), c.LocalAddr().String(); got != want {
		t.Errorf("the next session got %s, want %s", got, want)
	}
}
