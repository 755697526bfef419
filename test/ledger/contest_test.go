package ledger

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTwoWriters lets two clients at a time upload to the same names, and break
// off. Which of them wins is nobody's promise; that what is seen is the whole
// content of one of them is.
func TestTwoWriters(t *testing.T) {
	uploads, contests := 40, 3
	if testing.Short() {
		uploads = 20
	}
	seed := newSeed(t)
	wantNoneLeft(t)
	store := newStore(t)
	g := newGateway(t, store)
	l, sum := newLedger(), newSummary()
	l.contested = true

	r := &reader{t: t, gateway: g, l: l, stop: make(chan struct{})}
	var reading, writing sync.WaitGroup
	reading.Go(func() { r.direct(lookInterval) })
	reading.Go(r.session)
	for i := range 2 * contests {
		u := &uploader{t: t, gateway: g, l: l, summary: sum, alone: true, plans: planner{
			seed: seed, worker: i, account: accounts()[i/2%3], secure: i%2 == 1, endings: chosenEndings(), names: []string{fmt.Sprintf("contested-%d", i/2)},
		}}
		writing.Go(func() {
			for range uploads {
				u.contend()
			}
			u.drop()
		})
	}
	writing.Wait()
	close(r.stop)
	reading.Wait()
	for _, name := range l.all() {
		if err := l.audit(name, func() (content, bool) { return store.read(name), true }); err != nil {
			t.Errorf("at the end: %v", err)
		}
	}
	if diff := cmp.Diff(l.all(), store.Names(container)); diff != "" {
		t.Errorf("names in the store (-want +got):\n%s", diff)
	}
	g.stop()
	t.Logf("seed %d\n%v", seed, sum)
	if total := sum.of("total"); total.receipts == 0 || total.kept == 0 {
		t.Errorf("an outcome has not occurred: %+v", total)
	}
}

// contend carries out the next plan.
func (u *uploader) contend() {
	// What the other does to the name is not known, so nothing is appended.
	p := u.plans.next(func(string) content { return content{} })
	s := u.connect(&p)
	if s == nil {
		return
	}
	fresh := p.content()
	next := contentOf(fresh)
	u.l.begin(p.name, next, p.commits())
	v, _, close := u.attempt(&p, s, fresh, content{})
	if v.code == 226 && !p.commits() {
		u.t.Errorf("%v: a receipt for what must not be committed", &p)
	}
	// 450: the commit of the other has swept our blocks away.
	if p.must() && v.code != 226 && v.code != 450 {
		u.t.Errorf("%v: told %d (%v)", &p, v.code, v.err)
	}
	if v.code == 0 || p.ending.control != stays {
		u.await(&p, s)
	}
	close()
	u.summary.note(&p, v, false, false)
	if err := u.l.audit(p.name, func() (content, bool) { return u.store.read(p.name), true }); err != nil {
		u.t.Errorf("after %v: %v", &p, err)
	}
}
