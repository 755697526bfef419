package tracing_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"
)

// collector is an exporter that keeps the spans.
type collector struct {
	// export, if not nil, is called before spans are kept.
	export func(ctx context.Context) error

	mu     sync.Mutex
	spans  []trace.ReadOnlySpan
	closed bool
}

func (c *collector) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	if c.export != nil {
		if err := c.export(ctx); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, spans...)
	return nil
}

func (c *collector) Shutdown(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

// shown returns the spans, each with its parents and its attributes, in the order of their ends.
func (c *collector) shown() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names, parents := map[string]string{}, map[string]string{}
	for _, s := range c.spans {
		names[s.SpanContext().SpanID().String()] = s.Name()
		parents[s.SpanContext().SpanID().String()] = s.Parent().SpanID().String()
	}
	var all []string
	for _, s := range c.spans {
		text := s.Name()
		for id := s.Parent().SpanID().String(); names[id] != ""; id = parents[id] {
			text = names[id] + " > " + text
		}
		for _, a := range s.Attributes() {
			if !slices.Contains([]string{"tidegate.session", "tidegate.protocol", "tidegate.frontend"}, string(a.Key)) {
				text += " " + strings.TrimPrefix(string(a.Key), "tidegate.") + "=" + a.Value.String()
			}
		}
		if s.Status().Description != "" {
			text += " failed: " + s.Status().Description
		}
		all = append(all, text)
	}
	return all
}

// started is a tracing.Tracing that sends its spans to a collector.
func started(t *testing.T, o tracing.Options, to *collector) (*tracing.Tracing, *metrics.Registry, *strings.Builder) {
	t.Helper()
	var text strings.Builder
	m := metrics.New()
	one := tracing.New(slog.New(slog.NewTextHandler(&text, nil)), m)
	use(t, one, o, to)
	return one, m, &text
}

func use(t *testing.T, one *tracing.Tracing, o tracing.Options, to *collector) {
	t.Helper()
	p, err := one.OpenTo(t.Context(), o, to)
	if err != nil {
		t.Fatal(err)
	}
	one.Use(p)
}

func begin(ctx context.Context, one *tracing.Tracing) (*session.Session, context.Context) {
	s := session.New("ftp", "ftp.public", netip.MustParseAddrPort("203.0.113.7:50000"))
	return s, session.NewContext(one.BeginSession(ctx, s), s)
}

// asking is a store that makes a request for each Stat and each Commit.
type asking struct{ vfs.Backend }

func (b asking) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	tracing.RecordRequest(ctx, tracing.Request{Backend: "azblob.a", Name: "get_blob_properties", Began: time.Now(), Method: "HEAD", Host: "a.example", Resend: 1, Failure: "no_answer"})
	return b.Backend.Stat(ctx, p, want)
}

func (b asking) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := b.Backend.Create(ctx, p, o)
	return committing{w}, err
}

type committing struct{ vfs.Writer }

func (w committing) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	tracing.RecordRequest(ctx, tracing.Request{Backend: "azblob.a", Name: "put_blob", Began: time.Now(), Method: "PUT", Host: "a.example", Status: 201, ID: "an-id"})
	return w.Writer.Commit(ctx, o)
}

// work does some operations of a user in a session.
func work(ctx context.Context, t *testing.T, s *session.Session) {
	t.Helper()
	v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: asking{memory.New()}, Name: "azblob.a"}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	s.Login(session.User{Tenant: "contoso", Name: "camera-01"})
	tracing.NoteTenant(ctx, "contoso")
	v = v.Scoped(tracing.ScopeOf(ctx)).Observed(func(ctx context.Context, e vfs.Event) { tracing.EndOperation(ctx, e, "STOR") })
	w, err := v.Create(ctx, vfs.MustParse("/in/photo.jpg"), vfs.CreateOptions{})
	if err == nil {
		_, err = io.WriteString(w, "1234")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Stat(ctx, vfs.MustParse("/none"), vfs.TypeFile); err == nil {
		t.Error("what is not there is")
	}
	if _, err := w.Commit(ctx, vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := v.Rename(ctx, vfs.MustParse("/in/photo.jpg"), vfs.MustParse("/photo.jpg"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	tracing.EndSession(ctx, tracing.Ending{Reason: "client left", BytesIn: 4})
}

func TestSpans(t *testing.T) {
	for _, paths := range []bool{false, true} {
		to := &collector{}
		one, m, _ := started(t, tracing.Options{Service: "ingest", Node: "node-1", Paths: paths}, to)
		s, ctx := begin(t.Context(), one)
		work(ctx, t, s)
		one.Close(t.Context())
		of := func(path, more string) string {
			if !paths {
				path = ""
			}
			return " tenant=contoso" + path + " command=STOR backend=azblob.a" + more
		}
		want := []string{
			"ftp session > stat > get_blob_properties tenant=contoso backend=azblob.a http.request.method=HEAD server.address=a.example http.request.resend_count=1 error.type=no_answer failed: no_answer",
			"ftp session > stat" + of(" path=/none", " error.type=not-exist failed: not-exist"),
			"ftp session > write > put_blob tenant=contoso backend=azblob.a http.request.method=PUT server.address=a.example http.response.status_code=201 azure.service.request.id=an-id",
			"ftp session > write" + of(" path=/in/photo.jpg", " bytes=4"),
			"ftp session > rename" + of(" path=/in/photo.jpg to=/photo.jpg", ""),
			"ftp session tenant=contoso reason=client left bytes_in=4 bytes_out=0",
		}
		if d := cmp.Diff(want, to.shown()); d != "" {
			t.Errorf("paths %v: -want +got\n%s", paths, d)
		}
		for _, span := range to.spans {
			if id := span.SpanContext().TraceID().String(); id != s.TraceID() {
				t.Errorf("%s is of the trace %s, the session of %q", span.Name(), id, s.TraceID())
			}
			about := span.Resource().String()
			if !strings.Contains(about, "service.name=ingest") || !strings.Contains(about, "tidegate.node=node-1") {
				t.Errorf("the resource is %s", about)
			}
		}
		if n := m.Sum("tidegate_trace_spans_sent_total"); n != float64(len(want)) {
			t.Errorf("%v spans are counted as sent", n)
		}
	}
}

// Without traces, and for a session that is not in the sample, nothing is allocated and no
// context changes.
func TestOff(t *testing.T) {
	none := 0.0
	rare, _, _ := started(t, tracing.Options{Ratio: &none}, &collector{})
	defer rare.Close(t.Context())
	off := tracing.New(slog.New(slog.DiscardHandler), metrics.New())
	defer off.Close(t.Context())
	for name, one := range map[string]*tracing.Tracing{"not there": nil, "off": off, "not in the sample": rare} {
		s := session.New("ftp", "ftp.public", netip.AddrPort{})
		ctx := session.NewContext(t.Context(), s)
		if got := one.BeginSession(ctx, s); got != ctx || s.TraceID() != "" || tracing.ScopeOf(got) != nil || tracing.Traced(got) {
			t.Errorf("%s: the session is traced", name)
		}
		e := vfs.Event{Op: "write", Path: vfs.MustParse("/a")}
		if n := testing.AllocsPerRun(100, func() {
			tracing.RecordRequest(ctx, tracing.Request{Backend: "azblob.a", Name: "put_block"})
			tracing.NoteTenant(ctx, "contoso")
			tracing.EndOperation(ctx, e, "STOR")
			tracing.EndSession(ctx, tracing.Ending{})
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { off.BeginSession(t.Context(), nil) }); n != 0 {
		t.Errorf("%v allocations for a session", n)
	}
}

// A collector that does not take spans delays nothing: what does not fit into the queue is
// counted, and the log has a line a minute.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		to := &collector{export: func(context.Context) error { <-release; return nil }}
		one, m, text := started(t, tracing.Options{Queue: 3}, to)
		for range 10 {
			_, ctx := begin(t.Context(), one)
			tracing.EndSession(ctx, tracing.Ending{})
			synctest.Wait()
		}
		time.Sleep(loglimit.Quiet)
		synctest.Wait()
		if n := m.Sum("tidegate_trace_spans_lost_total"); n != 7 || len(to.spans) != 0 {
			t.Errorf("%v spans are lost, %d are sent", n, len(to.spans))
		}
		for _, want := range []string{"reason=queue_full count=1\n", "reason=queue_full count=6\n"} {
			if strings.Count(text.String(), want) != 1 {
				t.Errorf("no %q in the log:\n%s", want, text)
			}
		}
		close(release)
		one.Close(t.Context())
		if n := m.Sum("tidegate_trace_spans_sent_total"); n != 3 || len(to.spans) != 3 {
			t.Errorf("%v spans are counted as sent, %d are", n, len(to.spans))
		}
	})
}

func TestDeadCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &collector{export: func(context.Context) error { return errors.New("connection refused") }}
		one, m, text := started(t, tracing.Options{Endpoint: "http://127.0.0.1:4318/v1/traces"}, to)
		const minutes = 10
		for range minutes * 60 {
			_, ctx := begin(t.Context(), one)
			tracing.EndSession(ctx, tracing.Ending{})
			time.Sleep(time.Second)
		}
		one.Close(t.Context())
		if n := m.Sum("tidegate_trace_spans_lost_total"); n != minutes*60 {
			t.Errorf("%v spans are counted as lost", n)
		}
		lines := strings.Count(text.String(), `msg="spans lost" endpoint=http://127.0.0.1:4318/v1/traces reason=not_delivered`)
		if lines < minutes || lines > minutes+2 || lines != strings.Count(text.String(), "\n") {
			t.Errorf("%d lines in %d minutes:\n%s", lines, minutes, text)
		}
	})
}

// A session stays with the provider that it has begun with, which is closed when its last
// session has ended.
func TestReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := &collector{}, &collector{}
		one, _, _ := started(t, tracing.Options{}, first)
		_, old := begin(t.Context(), one)
		use(t, one, tracing.Options{}, second)
		_, young := begin(t.Context(), one)
		tracing.EndSession(young, tracing.Ending{})
		synctest.Wait()
		if first.closed {
			t.Error("the first collector is closed while a session runs")
		}
		tracing.EndSession(old, tracing.Ending{})
		synctest.Wait()
		if !first.closed || len(first.spans) != 1 {
			t.Errorf("the first collector has %d spans, closed is %v", len(first.spans), first.closed)
		}
		one.Use(nil)
		synctest.Wait()
		if !second.closed || len(second.spans) != 1 {
			t.Errorf("the second collector has %d spans, closed is %v", len(second.spans), second.closed)
		}
		if _, ctx := begin(t.Context(), one); tracing.Traced(ctx) {
			t.Error("a session is traced")
		}
		one.Close(t.Context())
		use(t, one, tracing.Options{}, &collector{})
		if _, ctx := begin(t.Context(), one); tracing.Traced(ctx) {
			t.Error("a session is traced after the end")
		}
	})
}

// A collector that hangs delays the end as long as it may, and no longer.
func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &collector{export: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		one, m, _ := started(t, tracing.Options{}, to)
		for range 1000 { // several batches
			_, ctx := begin(t.Context(), one)
			tracing.EndSession(ctx, tracing.Ending{})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun := time.Now()
		one.Close(ctx)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if n := m.Sum("tidegate_trace_spans_lost_total"); n != 1000 {
			t.Errorf("%v spans are counted as lost", n)
		}
	})
}
