package ledger

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

var (
	seedFlag    = flag.Uint64("ledger.seed", 0, "seed of the choices; 0 takes a new one")
	uploadsFlag = flag.Int("ledger.uploads", 0, "uploads of each client; 0 is the default")
	endingFlag  = flag.String("ledger.ending", "", "the one way to break off, as the summary names it; empty takes all")
)

// chosenEndings are the orderly end of a protocol and its ways to break off.
func chosenEndings(p protocol) []ending {
	all := p.endings()
	if *endingFlag == "" {
		return all
	}
	return slices.DeleteFunc(all, func(e ending) bool { return e.name != all[0].name && e.name != *endingFlag })
}

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

func newSeed(t *testing.T) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	return seed
}

const (
	uploaders = 12
	// neighbours is how many of them share one address, and so the passive
	// port.
	neighbours = 4
	// ownNames is how many names a client uploads to.
	ownNames = 3
	stops    = 6
)

// protocolOf is what a client speaks: the neighbours and as many others FTP, with
// TLS every other one, and the rest SFTP.
func protocolOf(worker int) protocol {
	switch {
	case worker >= 2*neighbours:
		return overSSH
	case worker%2 == 1:
		return overTLS
	}
	return plain
}

// TestReceipts lets clients upload and break off, while the store fails and the
// server is stopped and started.
func TestReceipts(t *testing.T) {
	uploads := 180
	if testing.Short() {
		uploads = 40
	}
	if *uploadsFlag > 0 {
		uploads = *uploadsFlag
	}
	seed := newSeed(t)
	leak.CheckOf(t, gatewayCode()...)
	store := newStore(t, azstub.Options{})
	g := newGateway(t, store)
	l, sum := ledger.New(), newSummary()
	begin := time.Now()

	r := &reader{t: t, gateway: g, l: l, stop: make(chan struct{})}
	var reading, writing sync.WaitGroup
	reading.Go(func() { r.direct(lookInterval) })
	reading.Go(func() { r.session(plain) })
	reading.Go(func() { r.session(overSSH) })
	for i := range uploaders {
		p := protocolOf(i)
		u := &uploader{t: t, gateway: g, l: l, summary: sum, alone: i >= neighbours, plans: planner{
			seed: seed, worker: i, account: accounts()[i/2%3], protocol: p, endings: chosenEndings(p), faults: faults(),
		}}
		for n := range ownNames {
			u.plans.names = append(u.plans.names, fmt.Sprintf("%02d-%d", i, n))
		}
		writing.Go(func() { u.run(uploads) })
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	restart(g, l, done, uploads*uploaders)
	<-done
	close(r.stop)
	reading.Wait()

	// Neither the store nor the listings of clients have other names.
	want := l.Existing()
	if diff := cmp.Diff(want, store.Names(container)); diff != "" {
		t.Errorf("names in the store (-want +got):\n%s", diff)
	}
	for _, p := range []protocol{plain, overSSH} {
		if diff := cmp.Diff(want, r.listed(p)); diff != "" {
			t.Errorf("%v lists (-want +got):\n%s", p, diff)
		}
	}
	for _, name := range l.Names() {
		if got := store.read(name); got != l.Holds(name) {
			t.Errorf("%s holds %v at the end, want %v", name, got, l.Holds(name))
		}
	}
	g.stop()
	t.Logf("seed %d, %v, %d reads of the store, %d downloads\n%v", seed, time.Since(begin).Round(time.Second), r.looked.Load(), r.fetched.Load(), sum)
	sum.check(t, !testing.Short() && *endingFlag == "" && *uploadsFlag == 0)
}

// restart stops the server some times in the course of total uploads, with and
// without grace, and starts it again.
func restart(g *gateway, l *ledger.Ledger, done <-chan struct{}, total int) {
	for i := range stops {
		for {
			_, ended, changed := l.Progress()
			if ended >= total*(i+1)/(stops+1) {
				break
			}
			select {
			case <-changed:
			case <-done:
				return
			}
		}
		g.stop()
		g.start(time.Duration(i%2) * patience.Limit())
	}
}

// check wants every way to end and every fault to have occurred.
func (s *summary) check(t *testing.T, whole bool) {
	t.Helper()
	total := s.of("total")
	if total.violations > 0 {
		t.Errorf("%d violations", total.violations)
	}
	if total.receipts == 0 || total.kept == 0 || whole && total.unheard == 0 {
		t.Errorf("an outcome has not occurred: %+v", total)
	}
	if !whole {
		return
	}
	for _, e := range slices.Concat(ftpEndings(), sftpEndings()) {
		if s.of(e.name).uploads == 0 {
			t.Errorf("no upload ended with %q", e.name)
		}
	}
	for o := appending; o <= copying; o++ {
		if s.of(o.row()).receipts == 0 {
			t.Errorf("no upload of the kind %v has a receipt", o)
		}
	}
	missing := slices.DeleteFunc(faults(), func(f fault) bool { return s.struck[f.name] > 0 })
	var names []string
	for _, f := range missing {
		names = append(names, f.name)
	}
	// Each is chosen at random: a run may miss some.
	if len(missing) > len(s.struck)/3 {
		t.Errorf("faults that never occurred: %s", strings.Join(names, ", "))
	}
}
