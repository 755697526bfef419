package gate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// traffic is what the honest sessions of a row do.
type traffic struct {
	sessions, uploads, downloads int
	// retries is how often a refused transfer is tried again.
	retries int
}

// run runs the honest sessions beside the faulty clients, if there are any, until those have
// ended, compares the store with what was acknowledged, and returns what happened.
func run(t *testing.T, s *site, c traffic, faulty ...func(context.Context) error) tally {
	t.Helper()
	devices := make([]*device, c.sessions)
	var logins sync.WaitGroup
	for i := range devices {
		logins.Go(func() {
			var err error
			if devices[i], err = connect(t.Context(), s, i, c.retries); err != nil {
				t.Errorf("device %d: %v", i, err)
			}
		})
	}
	logins.Wait()
	if t.Failed() {
		t.FailNow()
	}
	var work, riot sync.WaitGroup
	over := make(chan struct{})
	for _, faultyClient := range faulty {
		riot.Go(func() {
			if err := faultyClient(t.Context()); err != nil {
				t.Errorf("faulty client: %v", err)
			}
		})
	}
	for _, d := range devices {
		work.Go(func() {
			d.work(c.uploads, c.downloads, over)
			d.conn.Close()
		})
	}
	riot.Wait()
	close(over)
	work.Wait()

	sum := tally{refused: map[int]int{}}
	for _, d := range devices {
		sum.transfers += d.transfers
		sum.failures = append(sum.failures, d.failures...)
		sum.crossed = append(sum.crossed, d.crossed...)
		sum.waits = append(sum.waits, d.waits...)
		for code, n := range d.refused {
			sum.refused[code] += n
		}
	}
	sum.crossed = append(sum.crossed, s.audit(t.Context())...)
	slices.Sort(sum.waits)
	t.Logf("%s: %d sessions, %d transfers, %d failures, %d crossed, %s, PASV to reply p50 %v p95 %v max %v",
		t.Name(), c.sessions, sum.transfers, len(sum.failures), len(sum.crossed), sum.refusals(), sum.wait(50), sum.wait(95), sum.wait(100))
	for _, wrong := range [][]string{sum.crossed, sum.failures} {
		for _, text := range wrong[:min(5, len(wrong))] {
			t.Error(text)
		}
		if len(wrong) > 5 {
			t.Errorf("and %d more", len(wrong)-5)
		}
	}
	return sum
}

func (s *tally) refusals() string {
	text := "no retries"
	for i, code := range slices.Sorted(maps.Keys(s.refused)) {
		if i == 0 {
			text = "retries after"
		}
		text += fmt.Sprintf(" %d: %d", code, s.refused[code])
	}
	return text
}

// wait returns a percentile of the sorted waits.
func (s *tally) wait(percent int) time.Duration {
	if len(s.waits) == 0 {
		return 0
	}
	return s.waits[(len(s.waits)-1)*percent/100].Round(100 * time.Microsecond)
}

// Honest sessions of one address share the one port: nothing fails, nothing is
// tried twice, and no session gets the bytes of another.
func TestOnePortServesEverybody(t *testing.T) {
	loads := []traffic{
		{sessions: 2, uploads: 9, downloads: 3},
		{sessions: 10, uploads: 5, downloads: 2},
		{sessions: 30, uploads: 3, downloads: 1},
		{sessions: 200, uploads: 1},
	}
	if testing.Short() {
		loads = loads[1:2]
	}
	bare := protection{"TLS without a cache", ftpclient.Explicit, noCache, ftp.ReusePrefer}
	// Sessions with a shared cache of TLS sessions are the hardest to tell apart. So only they
	// run with the most sessions over TLS, to save time.
	smaller := loads[:min(3, len(loads))]
	rows := map[protection][]traffic{plain: loads, bare: smaller, proving: smaller, sharing: loads}
	for p, loads := range rows {
		for _, c := range loads {
			t.Run(fmt.Sprintf("%s/%d sessions", p.name, c.sessions), func(t *testing.T) {
				run(t, open(t, p, ftp.PassiveOptions{}), c)
			})
		}
	}
}
