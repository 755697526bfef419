package expiry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// lines is a handler that keeps lines, without their time, and when they were written.
type lines struct {
	mu    sync.Mutex
	begun time.Time
	text  []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, fmt.Sprintf("%v: %s", time.Since(l.begun).Round(time.Second), strings.TrimSpace(string(p))))
	return len(p), nil
}

func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.text
	l.text = nil
	return all
}

// watched is a Watcher that runs, with its log.
type watched struct {
	*lines
	changed chan struct{}
	metrics *metrics.Registry

	mu     sync.Mutex
	things []Thing
}

func (w *watched) set(things ...Thing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.things = things
}

func watch(t *testing.T, things ...Thing) *watched {
	w := &watched{lines: &lines{begun: time.Now()}, changed: make(chan struct{}), metrics: metrics.New(), things: things}
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	watcher := New(log, w.metrics, func() []Thing {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.things
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { watcher.Run(ctx, w.changed) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		watcher.Close()
		if n := len(w.metrics.Families()); n != 0 {
			t.Errorf("%d metrics are left", n)
		}
	})
	synctest.Wait()
	return w
}

func (w *watched) want(t *testing.T, when string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, w.take()); d != "" {
		t.Errorf("%s: -want +got\n%s", when, d)
	}
}

func certificate(name string, left time.Duration) Thing {
	return Thing{What: Certificate, Owner: Owner{"frontend", "ftp.public"}, Name: name, Setting: "tls.cert_file", Ends: time.Now().Add(left)}
}

// Each step has one line, at its time, and a renewed certificate has no further one.
func TestSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Time begins on 1 January 2000 here.
		w := watch(t, certificate("ftp.example", 31*day))
		w.want(t, "far from its end")
		time.Sleep(40 * day)
		synctest.Wait()
		const rest = ` what=certificate frontend=ftp.public names=[ftp.example] count=1 expires=2000-02-01T00:00:00Z `
		w.want(t, "until after its end",
			`24h0m0s: level=WARN msg="expires soon"`+rest+`days=30 setting=tls.cert_file`,
			`576h0m0s: level=WARN msg="expires soon"`+rest+`days=7 setting=tls.cert_file`,
			`720h0m0s: level=WARN msg="expires soon"`+rest+`days=1 setting=tls.cert_file`,
			`744h0m0s: level=ERROR msg="has expired"`+rest+`setting=tls.cert_file`,
		)
		w.set(certificate("ftp.example", 90*day))
		w.changed <- struct{}{}
		synctest.Wait()
		w.want(t, "renewed")
	})
}

// At the start each thing has one line for its present step. Things of one kind and owner
// share it, and only what is not meant to end is an error.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		planned := func(what, name string, left time.Duration) Thing {
			return Thing{What: what, Owner: Owner{"tenant", "acme"}, Name: name, Setting: "expires", Ends: time.Now().Add(left), Planned: true}
		}
		things := []Thing{
			certificate("old.example", -day), certificate("new.example", 5*day), certificate("far.example", 100*day),
			{What: SAS, Owner: Owner{"backend", "azblob.files"}, Setting: "main.hcl:7", Ends: time.Now().Add(12 * time.Hour)},
		}
		for i := range 7 {
			things = append(things, planned(User, fmt.Sprint("camera-", i), time.Duration(7-i)*day))
			things = append(things, planned(Key, fmt.Sprint("key-", i), -day))
		}
		w := watch(t, things...)
		w.want(t, "at the start",
			`0s: level=ERROR msg="has expired" what=certificate frontend=ftp.public names=[old.example] count=1 expires=1999-12-31T00:00:00Z setting=tls.cert_file`,
			`0s: level=WARN msg="expires soon" what=certificate frontend=ftp.public names=[new.example] count=1 expires=2000-01-06T00:00:00Z days=5 setting=tls.cert_file`,
			`0s: level=WARN msg="expires soon" what=SAS backend=azblob.files count=1 expires=2000-01-01T12:00:00Z days=0 setting=main.hcl:7`,
			`0s: level=WARN msg="expires soon" what=user tenant=acme names="[camera-5 camera-4 camera-3 camera-2 camera-1]" count=6 expires=2000-01-03T00:00:00Z days=2 setting=expires`,
			`0s: level=WARN msg="has expired" what=key tenant=acme names="[key-0 key-1 key-2 key-3 key-4]" count=7 expires=1999-12-31T00:00:00Z setting=expires`,
			`0s: level=WARN msg="expires soon" what=user tenant=acme names=[camera-6] count=1 expires=2000-01-02T00:00:00Z days=1 setting=expires`,
		)
		// What was said is not said again, and an end that is meant is an error when it comes.
		w.changed <- struct{}{}
		time.Sleep(day)
		synctest.Wait()
		w.want(t, "a day later",
			`12h0m0s: level=ERROR msg="has expired" what=SAS backend=azblob.files count=1 expires=2000-01-01T12:00:00Z setting=main.hcl:7`,
			`24h0m0s: level=WARN msg="expires soon" what=user tenant=acme names=[camera-5] count=1 expires=2000-01-03T00:00:00Z days=1 setting=expires`,
			`24h0m0s: level=ERROR msg="has expired" what=user tenant=acme names=[camera-6] count=1 expires=2000-01-02T00:00:00Z setting=expires`,
		)
		left := map[string]float64{}
		for _, f := range w.metrics.Families() {
			for _, s := range f.Samples {
				left[strings.Join(s.Values, " ")] = s.Value
			}
		}
		want := map[string]float64{
			"certificate ftp.public": -2 * 86400, "SAS azblob.files": -12 * 3600, "user acme": 86400,
		}
		if d := cmp.Diff(want, left); d != "" {
			t.Errorf("seconds that are left: -want +got\n%s", d)
		}
	})
}
