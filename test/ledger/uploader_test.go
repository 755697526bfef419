package ledger

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// uploader is one client.
type uploader struct {
	t *testing.T
	*gateway
	l       *ledger.Ledger
	summary *summary
	plans   planner
	// alone: each session comes from an address of its own. The others share
	// one, and with it the gate of the passive port.
	alone bool
	s     *session
}

// run carries out n plans.
func (u *uploader) run(n int) {
	for range n {
		if u.t.Context().Err() != nil {
			return
		}
		if p := u.plans.next(u.l.Holds); p.ending.renames {
			u.uploadPart(&p)
		} else {
			u.upload(&p)
		}
	}
	u.drop()
}

// connect makes sure that there is a session, nil when the test is over or the
// server cannot be reached.
func (u *uploader) connect(p *plan) *session {
	if u.s != nil && !u.s.g.disturbed() && !p.ending.unconnected {
		return u.s
	}
	u.drop()
	var local net.Addr
	if u.alone || p.ending.unconnected {
		// A port whose reservation was not used is not available to that address for a while.
		if a := loopback(1+u.plans.worker, u.plans.n); a != nil {
			local = a
		}
	}
	for {
		n := u.running(u.t.Context())
		if n == nil {
			return nil
		}
		s, err := u.dial(u.t.Context(), n, p.protocol, p.account.name, local)
		if err == nil {
			u.s = s
			return s
		}
		if !n.disturbed() {
			u.t.Errorf("%v: no session: %v", p, err)
			return nil
		}
	}
}

// loopback returns one of many addresses of this machine, where it has them.
func loopback(network, host int) *net.TCPAddr {
	if runtime.GOOS != "linux" {
		return nil
	}
	return &net.TCPAddr{IP: net.IPv4(127, byte(network), byte(host>>8), byte(host)|1<<7)}
}

// drop leaves the session.
func (u *uploader) drop() {
	if u.s != nil {
		u.s.Close()
		u.s = nil
	}
}

// upload carries out one plan, waits until its outcome is settled, and compares
// the store with the reply that the client got.
func (u *uploader) upload(p *plan) {
	s := u.connect(p)
	if s == nil {
		return
	}
	old := u.l.Holds(p.name)
	fresh := p.content(u.store)
	whole := fresh
	if p.opening.keeps() {
		b, _ := u.store.Blob(container, p.name)
		whole = append(slices.Clip(b.Content), fresh...)
	}
	next := ledger.Of(whole)
	if got := u.store.read(p.name); got != old {
		u.t.Errorf("%v: the name holds %v before it, want %v", p, got, old)
	}
	u.log.warnings(p.name)

	u.l.Begin(p.name, next, p.commits())
	remove := p.fault.strike(u.store, p.name)
	v, begun, close := s.attempt(p, fresh, old)
	if v.receipt && !p.commits() {
		u.t.Errorf("%v: a receipt for what must not be committed", p)
	}
	if v.receipt {
		if got := u.store.read(p.name); got != next {
			u.t.Errorf("%v: a receipt, and the store holds %v, want %v (before: %v)", p, got, next, old)
		}
	}
	left := v.lost() || p.ending.control != stays
	if left || s.g.disturbed() {
		u.await(p, s)
	}
	close()
	remove()
	u.judge(p, s, v, begun, old, next)
}

// await returns when the server is done with the session, and with it all that
// it asked of the store.
func (u *uploader) await(p *plan, s *session) {
	s.Close()
	u.s = nil
	over := s.over
	if s.g.disturbed() {
		over = s.g.settled
	}
	timeout := time.NewTimer(patience.Limit())
	defer timeout.Stop()
	select {
	case <-over:
	case <-s.g.stopping:
		<-s.g.settled
	case <-timeout.C:
		u.t.Errorf("%v: the session does not end", p)
	}
}

// judge compares what the store holds with what it may hold.
func (u *uploader) judge(p *plan, s *session, v result, begun bool, old, next ledger.Content) {
	got, disturbed := u.store.read(p.name), s.g.disturbed()
	lost := v.lost()
	// The new content may be there without an acknowledgement.
	unheard := p.commits() && (lost && (p.ending.leaves || disturbed) || v.doubtful() && (p.fault.loses || disturbed))
	warnings := u.log.warnings(p.name)
	// A stop with grace lets what has begun end. Neighbours may be refused because
	// their connections cannot be attributed, when one of them disconnected.
	certain := !disturbed || begun && s.g.grace > 0
	mixedUp := !u.alone && len(warnings) == 1 && strings.Contains(warnings[0], "mixed up")
	violation := ""
	switch {
	case v.receipt && got != next:
		violation = fmt.Sprintf("after its receipt the store holds %v", got)
	case !v.receipt && got != old && !(unheard && got == next):
		violation = fmt.Sprintf("without a receipt the store holds %v", got)
	case !v.receipt && p.must() && certain && !mixedUp:
		violation = "refused without a reason"
	case lost && !p.ending.leaves && !disturbed:
		violation = "the session ended without a reason"
	}
	switch {
	case violation != "":
	case len(warnings) > 1:
		violation = fmt.Sprintf("abandoned more than once: %q", warnings)
	case (v.receipt || got == next && next != old) && len(warnings) > 0 && !unheard:
		violation = fmt.Sprintf("committed, and abandoned: %q", warnings)
	case begun && got == old && next != old && len(warnings) == 0 && !v.receipt:
		violation = "abandoned without a warning"
	}
	if violation != "" {
		u.t.Errorf("%v: told %v; %s; before: %v, sent: %v; warnings: %q", p, v, violation, old, next, warnings)
	}
	u.summary.note(p, v, violation != "", got == next && next != old)
	u.l.Settle(p.name, next, got)
}
