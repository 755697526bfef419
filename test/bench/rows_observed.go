package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/test/launch"
)

// mostForSeeing is how much more processor time an upload may take because it is reported.
const mostForSeeing = 1.03

// observed is the table of what logs, metrics, events and traces cost.
func (b *bench) observed() table {
	t := table{
		title: "What is seen",
		note: fmt.Sprintf("Processor time of a gateway that reports what it does, beside one that reports nothing (the log at \"error\"), in the same run: %d times in turn, %d where there is a target, "+
			"the median of the ratios. The access log is a file of JSON, metrics are scraped each second, a webhook gets an event for each upload (best_effort), "+
			"in a request of its own or in batches (batch = 100), a collector the traces of all sessions. The store has no latency.", b.scale.pairs, b.scale.targetPairs),
		columns: []string{"work", "nothing", "reported", "ratio", "target", ""},
	}
	small := bytesText(smallFile)
	for _, r := range []struct {
		name     string
		seen     seeing
		stream   bool
		noTarget bool
	}{
		{"FTP put of " + small + ": log", seeing{}, false, true},
		{"FTP put of " + small + ": log, access log, metrics", seeing{accessLog: true, metrics: true}, false, true},
		{"FTP put of " + small + ": log, webhook", seeing{webhook: true}, false, true},
		{"FTP put of " + small + ": log, webhook in batches", seeing{webhook: true, batch: 100}, false, true},
		{"FTP put of " + small + ": log, access log, metrics, webhook in batches", seeing{accessLog: true, metrics: true, webhook: true, batch: 100}, false, false},
		{"FTP put of " + small + ": log, traces", seeing{traces: true}, false, true},
		{"FTP put 1 × " + bytesText(b.scale.stream) + ": log, access log, metrics, webhook", seeing{accessLog: true, metrics: true, webhook: true}, true, false},
	} {
		t.rows = append(t.rows, row{r.name, func(ctx context.Context) ([]string, error) {
			pairs := b.scale.targetPairs
			if r.noTarget {
				pairs = b.scale.pairs
			}
			cells, ratio, err := b.seen(ctx, r.seen, r.stream, pairs)
			if err == nil && !r.noTarget {
				cells = append(cells, fmt.Sprintf("≤ %.2f", mostForSeeing), atMost(ratio, mostForSeeing))
			}
			return cells, err
		}})
	}
	return t
}

// seeing is what a gateway reports beside its log.
type seeing struct {
	accessLog, metrics, webhook, traces bool
	// batch is how many events a request to the webhook has at most, 0 for one.
	batch int
}

// reporting is a site whose gateway reports, with what receives it.
type reporting struct {
	*site
	receiver *httptest.Server
	// scrapes ends the scraping, and waits for its end.
	scrapes func()
}

// report starts a site.
func (b *bench) report(ctx context.Context, what seeing) (*reporting, error) {
	r := &reporting{scrapes: func() {}}
	r.receiver = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
	}))
	wanted := &site{variant: "reported", change: func(c *launch.Config) {
		var more strings.Builder
		if what.accessLog {
			fmt.Fprintf(&more, "access_log \"all\" {\n format = \"json\"\n file = %q\n}\n", filepath.Join(b.dir, "access.log"))
		}
		if what.metrics {
			more.WriteString("frontend \"status\" \"metrics\" {\n listen = \"127.0.0.1:0\"\n}\n")
		}
		if what.webhook {
			fmt.Fprintf(&more, "event \"webhook\" \"all\" {\n url = %q\n secrets = [%q]\n batch = %d\n}\n", r.receiver.URL, planted.WebhookSecret, max(what.batch, 1))
		}
		if what.traces {
			fmt.Fprintf(&more, "tracing {\n endpoint = %q\n}\n", r.receiver.URL)
		}
		c.More = more.String()
	}}
	var err error
	if r.site, err = b.siteLike(ctx, fast(), cheapHash, wanted); err != nil {
		r.receiver.Close()
		return nil, err
	}
	if what.metrics {
		err = r.scrape(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// scrape reads the metrics each second, until scrapes is called.
func (r *reporting) scrape(ctx context.Context) error {
	address, err := r.gateway.Addr(ctx, "status.metrics")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var scraping sync.WaitGroup
	scraping.Go(func() {
		each := time.NewTicker(time.Second)
		defer each.Stop()
		for {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", http.NoBody)
			if err != nil {
				return
			}
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			select {
			case <-each.C:
			case <-ctx.Done():
				return
			}
		}
	})
	r.scrapes = func() {
		cancel()
		scraping.Wait()
	}
	return nil
}

func (r *reporting) close() error {
	r.scrapes()
	err := r.site.close()
	r.receiver.Close()
	return err
}

// reportNothing starts a site whose gateway reports nothing.
func (b *bench) reportNothing(ctx context.Context) (*site, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	return b.siteLike(ctx, fast(), cheapHash, &site{variant: "nothing", silent: true, change: func(c *launch.Config) {
		c.LogLevel = "error"
		c.FTP.Listen = address
	}})
}

// seen compares a gateway that reports with one that does not, pairs times.
func (b *bench) seen(ctx context.Context, what seeing, stream bool, pairs int) (cells []string, ratio float64, err error) {
	off, err := b.reportNothing(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, off.close()) }()
	on, err := b.report(ctx, what)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, on.close()) }()
	load := off.streamed
	if !stream {
		load = off.manySmall
	}
	var costs [2][]float64
	var ratios []float64
	for i := range pairs + 1 {
		var pair [2]float64
		// The one that comes second finds warm caches, so they take turns.
		for k := range 2 {
			at := (k + i) % 2
			if pair[at], err = load(ctx, []*site{off, on.site}[at].gateway, i); err != nil {
				return nil, 0, err
			}
		}
		if i == 0 {
			continue // a process that has just started pays for its first memory
		}
		for at, cost := range pair {
			costs[at] = append(costs[at], cost)
		}
		ratios = append(ratios, pair[1]/pair[0])
	}
	ratio = median(ratios)
	unit := "%.3f ms cpu each"
	if stream {
		unit = "%.2f cpu"
	}
	return []string{fmt.Sprintf(unit, median(costs[0])), fmt.Sprintf(unit, median(costs[1])), fmt.Sprintf("%.3f", ratio)}, ratio, nil
}

// seenSessions is how many sessions upload small files at once.
const seenSessions = 10

// manySmall returns the processor time of one upload among many small ones, in milliseconds.
func (s *site) manySmall(ctx context.Context, gateway *process, batch int) (float64, error) {
	files := 10 * s.b.scale.files
	clients, err := open(ctx, plainFTP(), gateway, seenSessions, 0)
	if err != nil {
		return 0, err
	}
	defer closeAll(clients)
	m, err := gateway.moving(int64(seenSessions*files)*smallFile, func() error {
		return together(clients, func(i int, c client) error {
			for n := range files {
				// To replace a file costs requests more.
				if err := put.move(c, fmt.Sprintf("seen-%d-%d-%d", batch, i, n), smallFile); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return m.cpu.Seconds() * 1000 / float64(seenSessions*files), err
}

// streamed returns the processor time of one large file for each GiB.
func (s *site) streamed(ctx context.Context, gateway *process, _ int) (float64, error) {
	m, err := streams(ctx, gateway, plainFTP(), put, 1, s.b.scale.stream)
	return m.cost(), err
}
