package ledger

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// TestTwoWriters lets two clients at a time upload to the same names, and break
// off. Either may win; readers must see the whole content of one of
// them. The store is an account with a hierarchical namespace.
func TestTwoWriters(t *testing.T) {
	uploads := 40
	if testing.Short() {
		uploads = 20
	}
	seed := newSeed(t)
	leak.CheckOf(t, gatewayCode()...)
	store := newStore(t, azstub.Options{HNS: true})
	g := newGateway(t, store)
	l, sum := ledger.New(), newSummary()
	l.Contested = true

	r := &reader{t: t, gateway: g, l: l, stop: make(chan struct{})}
	var reading, writing sync.WaitGroup
	reading.Go(func() { r.direct(lookInterval) })
	reading.Go(func() { r.session(plain) })
	reading.Go(func() { r.session(overSSH) })
	for i, protocol := range []protocol{plain, overTLS, plain, overTLS, plain, overTLS, overTLS, overSSH, overSSH, overSSH} {
		endings := slices.DeleteFunc(chosenEndings(protocol), func(e ending) bool { return e.renames })
		u := &uploader{t: t, gateway: g, l: l, summary: sum, alone: true, plans: planner{
			seed: seed, worker: i, account: accounts()[i/2%3], protocol: protocol, endings: endings, names: []string{fmt.Sprintf("contested-%d", i/2)},
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
	for _, name := range l.Names() {
		if err := l.Audit(name, store.reading(name)); err != nil {
			t.Errorf("at the end: %v", err)
		}
	}
	if diff := cmp.Diff(l.Names(), store.Names(container)); diff != "" {
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
	p := u.plans.next(func(string) ledger.Content { return ledger.Content{} })
	s := u.connect(&p)
	if s == nil {
		return
	}
	fresh := p.content(u.store)
	next := ledger.Of(fresh)
	u.l.Begin(p.name, next, p.commits())
	v, _, close := s.attempt(&p, fresh, ledger.Content{})
	if v.receipt && !p.commits() {
		u.t.Errorf("%v: a receipt for what must not be committed", &p)
	}
	// The commit of the other may have swept our blocks away.
	if p.must() && !v.receipt && !v.outdone() {
		u.t.Errorf("%v: told %v", &p, v)
	}
	if v.lost() || p.ending.control != stays {
		u.await(&p, s)
	}
	close()
	u.summary.note(&p, v, false, false)
	if err := u.l.Audit(p.name, u.store.reading(p.name)); err != nil {
		u.t.Errorf("after %v: %v", &p, err)
	}
}

// TestExclusive lets two clients at a time make the same file, which must be new.
// Both begin before either ends: exactly one is acknowledged.
func TestExclusive(t *testing.T) {
	const contests = 40
	r := rand.New(rand.NewPCG(newSeed(t), 0))
	leak.CheckOf(t, gatewayCode()...)
	store := newStore(t, azstub.Options{})
	g := newGateway(t, store)
	var clients [2]*sftpClient
	for i := range clients {
		s, err := g.dial(t.Context(), g.current(), overSSH, accounts()[0].name, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		clients[i] = s.client.(*sftpClient)
	}
	for n := range contests {
		name := fmt.Sprintf("new-%d", n)
		var handles, contents [2][]byte
		for i, c := range clients {
			c.hurry()
			contents[i] = bytes.Repeat([]byte{byte(i)}, 1+r.IntN(maxSize))
			var v result
			if handles[i], v = c.open(name, wire.OpenWrite|wire.OpenCreate|wire.OpenExclusive); handles[i] == nil {
				t.Fatalf("%s cannot be opened: told %v", name, v)
			}
		}
		var results [2]result
		var writing sync.WaitGroup
		for i, c := range clients {
			writing.Go(func() {
				u := &sftpUpload{c: c, handle: handles[i]}
				if err := u.write(&plan{pieces: blockSize}, contents[i]); err != nil {
					t.Error(err)
				}
				results[i] = u.finish()
			})
		}
		writing.Wait()
		if results[0].receipt == results[1].receipt {
			t.Fatalf("%s: one was told %v, the other %v", name, results[0], results[1])
		}
		winner := 0
		if results[1].receipt {
			winner = 1
		}
		if got := store.read(name); got != ledger.Of(contents[winner]) {
			t.Errorf("%s holds %v, which is not what the one with the receipt sent", name, got)
		}
	}
	for _, c := range clients {
		c.Close()
	}
	g.stop()
}
