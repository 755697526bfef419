package observe_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// events is a Sink that keeps its events. With next it takes one event for each value of
// that channel.
type events struct {
	next chan struct{}

	mu  sync.Mutex
	got []observe.Event
}

func (s *events) Record(_ context.Context, e observe.Event) {
	if s.next != nil {
		<-s.next
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e)
}

// Every event of a session reaches every sink with the identity of the session, and is
// counted.
func TestReporter(t *testing.T) {
	var text strings.Builder
	log := slog.New(observe.NewHandler(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	sink, counted, live := &events{}, metrics.New(), session.NewRegistry()
	r := observe.New(observe.Options{
		Protocol: "ftp", Frontend: "ftp.public", Log: log.With("frontend", "ftp.public"),
		Shared: observe.Shared{Sessions: live, Metrics: counted, Sinks: []observe.Sink{sink}},
	})
	remote := netip.MustParseAddrPort("192.0.2.1:4711")
	user := session.User{Tenant: "acme", Name: "upload"}
	cause := errors.New("cause")
	path, err := vfs.ParsePath(vfs.Path{}, "/a")
	if err != nil {
		t.Fatal(err)
	}

	s := r.NewSession(remote)
	ctx := session.NewContext(t.Context(), s)
	r.SessionStarted(ctx, s)
	r.LoginRefused(ctx, s, "upload", "password", observe.Failure{Cause: "wrong_password", Setting: "password_hash", Err: cause})
	r.LoggedIn(ctx, s, user)
	// The bytes count while they move.
	begun := r.OperationBegins(ctx, vfs.Event{Op: "write", Path: path})
	begun.Moved(5)
	if now := s.Operations(); len(now) != 1 || now[0].Op != "write" || now[0].Path != "/a" || now[0].Bytes() != 5 {
		t.Errorf("the session runs %v", now)
	}
	begun.End()
	begun = r.OperationBegins(ctx, vfs.Event{Op: "read", Path: path})
	begun.Moved(7)
	begun.End()
	if in, out := s.Bytes(); in != 5 || out != 7 || len(s.Operations()) != 0 {
		t.Errorf("the session has moved %d and %d bytes, and runs %v", in, out, s.Operations())
	}
	r.OperationBegins(t.Context(), vfs.Event{Op: "list", Path: path}).End() // without a session
	end := s.BeginTransfer()
	if n := r.Transfers(); n != 1 {
		t.Errorf("%d transfers run", n)
	}
	end()
	if n := live.OfUser(user); n != 1 {
		t.Errorf("%d sessions of the user are live", n)
	}
	r.Operation(ctx, vfs.Event{Op: "write", Path: path, Bytes: 5, Duration: time.Second})
	r.Operation(ctx, vfs.Event{Op: "read", Path: path, Root: path, Bytes: 7, Err: cause})
	r.UploadAborted(ctx, s, "/a", 3, cause, "setting")
	r.CommandRefused(ctx, s, "PORT", "", "502 No", observe.Failure{Cause: "active_mode_off", Setting: "active = true"})
	r.SessionEnded(ctx, s, observe.Ending{})
	r.SessionRefused(t.Context(), remote, "too many", "max_sessions", nil)
	r.Operation(t.Context(), vfs.Event{Op: "stat", Path: path})

	want := []observe.Event{
		{Name: observe.SessionStarted, Session: s, Remote: remote},
		{Name: observe.LoginRefused, Session: s, Remote: remote, Login: "upload", Method: "password", Failure: observe.Failure{Cause: "wrong_password", Setting: "password_hash", Err: cause}},
		{Name: observe.LoginSucceeded, Session: s, Remote: remote, User: user},
		{Name: observe.OperationFinished, Session: s, Remote: remote, User: user, Op: "write", Path: "/a", Bytes: 5, Duration: time.Second},
		{Name: observe.OperationFinished, Session: s, Remote: remote, User: user, Op: "read", Path: "/a", Root: "/a", Bytes: 7, Failure: observe.Failure{Err: cause}},
		{Name: observe.UploadAborted, Session: s, Remote: remote, User: user, Path: "/a", Bytes: 3, Failure: observe.Failure{Err: cause, Setting: "setting"}},
		{Name: observe.CommandRefused, Session: s, Remote: remote, User: user, Op: "PORT", Reason: "502 No", Failure: observe.Failure{Cause: "active_mode_off", Setting: "active = true"}},
		{Name: observe.SessionEnded, Session: s, Remote: remote, User: user, Reason: session.EndClient},
		{Name: observe.SessionRefused, Remote: remote, Reason: "too many", Failure: observe.Failure{Setting: "max_sessions"}},
		{Name: observe.OperationFinished, Op: "stat", Path: "/a"},
	}
	for i := range want {
		want[i].Protocol, want[i].Frontend = "ftp", "ftp.public"
	}
	sameSession := cmp.Comparer(func(a, b *session.Session) bool { return a == b })
	ignored := cmpopts.IgnoreFields(observe.Event{}, "Time", "Failure.Attrs")
	ended := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Duration" }, cmp.Comparer(func(a, b time.Duration) bool { return a == b || a == 0 || b == 0 }))
	if d := cmp.Diff(want, sink.got, sameSession, ignored, ended, cmpopts.EquateErrors(), cmpopts.EquateComparable(netip.AddrPort{})); d != "" {
		t.Errorf("events: -want +got\n%s", d)
	}
	lines := strings.Split(text.String(), "\n")
	for i, e := range want {
		line := lines[i] + " "
		for _, attr := range []string{"event=" + string(e.Name), "frontend=ftp.public", "proto=ftp"} {
			if strings.Count(line, " "+attr+" ") != 1 {
				t.Errorf("the line about %s has not %s once: %s", e.Name, attr, line)
			}
		}
		if strings.Contains(line, " root=/a ") != (e.Root != "") {
			t.Errorf("the line about %s of the root %q: %s", e.Name, e.Root, line)
		}
		if u := e.User.String(); e.Session != nil && strings.Count(line, "session="+s.ID) != 1 || (u != "") != strings.Contains(line, " tenant=acme user=upload ") {
			t.Errorf("the line about %s of %q has another identity: %s", e.Name, u, line)
		}
	}
	if n := live.Len(); n != 0 {
		t.Errorf("%d sessions are live", n)
	}
	for name, want := range map[string]float64{
		"tidegate_sessions_total": 1, "tidegate_active_sessions": 0, "tidegate_logins_total": 2,
		"tidegate_sessions_refused_total": 1, "tidegate_uploads_committed_total": 1, "tidegate_uploads_aborted_total": 1,
		"tidegate_transferred_bytes_total": 12, "tidegate_operation_duration_seconds": 1, "tidegate_operations_total": 3, "tidegate_file_size_bytes": 5,
	} {
		if got := counted.Sum(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	r.Close()
}

// A blocked sink delays no caller. Its dropped events are counted, and reported at once and
// then once a minute.
func TestQueueOfSlowSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		log := slog.New(slog.NewTextHandler(&text, nil))
		counted, slow := metrics.New(), &events{next: make(chan struct{})}
		q := observe.NewQueue("audit", slow, 3, log, counted)
		for range 10 {
			// The sink has the first event.
			q.Record(t.Context(), observe.Event{Name: observe.SessionStarted})
			synctest.Wait()
		}
		if n := counted.Sum("tidegate_events_dropped_total"); n != 6 {
			t.Errorf("%v events are counted as dropped, want 6", n)
		}
		time.Sleep(loglimit.Quiet)
		synctest.Wait()
		for _, want := range []string{`msg="events dropped" sink=audit count=1`, `msg="events dropped" sink=audit count=5`} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("no %s in the log:\n%s", want, &text)
			}
		}
		close(slow.next)
		q.Close()
		q.Close()
		if len(slow.got) != 4 {
			t.Errorf("the sink got %d events, want 4", len(slow.got))
		}
		q.Record(t.Context(), observe.Event{})
		if n := counted.Sum("tidegate_events_dropped_total"); n != 7 || len(slow.got) != 4 {
			t.Errorf("after the end %v are dropped and the sink has %d", n, len(slow.got))
		}
	})
}

// batches is a sink that keeps events back until Flush.
type batches struct {
	kept int

	mu      sync.Mutex
	flushed []int
}

func (b *batches) Record(context.Context, observe.Event) { b.kept++ }

func (b *batches) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flushed, b.kept = append(b.flushed, b.kept), 0
}

// take returns how many events each Flush since the last call had.
func (b *batches) take() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.flushed
	b.flushed = nil
	return n
}

// A sink that writes several events at once gets the first one at once and the next ones
// together, and does not wait for more at the end.
func TestQueueGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &batches{}
		q := observe.NewQueue("audit", b, 10, slog.New(slog.DiscardHandler), metrics.New())
		want := func(flushed ...int) {
			t.Helper()
			synctest.Wait()
			if got := b.take(); !slices.Equal(got, flushed) {
				t.Errorf("it was flushed with %v events, want %v", got, flushed)
			}
		}
		record := func(n int) {
			for range n {
				q.Record(t.Context(), observe.Event{Name: observe.OperationFinished})
			}
		}
		record(1)
		want(1)
		record(2)
		time.Sleep(20 * time.Millisecond)
		record(3)
		want()
		time.Sleep(30 * time.Millisecond)
		want(5)
		time.Sleep(time.Minute)
		record(1)
		want(1)
		record(2)
		begin := time.Now()
		q.Close()
		if waited := time.Since(begin); waited > 0 {
			t.Errorf("the end waits for %v", waited)
		}
		want(2)
	})
}

// dialogue is a sink that may want each command.
type dialogue struct {
	events
	wants bool
}

func (d *dialogue) WantsDialogue() bool { return d.wants }

// The events of each command reach only a sink that wants them.
func TestDialogue(t *testing.T) {
	plain, wanting, idle := &events{}, &dialogue{wants: true}, &dialogue{}
	r := observe.New(observe.Options{
		Protocol: "ftp", Frontend: "ftp.public", Log: slog.New(slog.DiscardHandler), Shared: observe.Shared{Sinks: []observe.Sink{plain, wanting, idle}},
	})
	defer r.Close()
	s := r.NewSession(netip.MustParseAddrPort("203.0.113.7:50000"))
	r.CommandAnswered(t.Context(), s, "NOOP", "", 200, time.Millisecond)
	r.DataChannel(t.Context(), s, observe.DataChannelOpened, 2121, 0)
	if len(plain.got) != 0 || len(idle.got) != 0 {
		t.Errorf("sinks that do not want it get %v and %v", plain.got, idle.got)
	}
	if len(wanting.got) != 2 {
		t.Fatalf("the sink gets %d events, want 2", len(wanting.got))
	}
	e := wanting.got[1]
	if e.Session != s || e.Remote != s.Remote || e.Frontend != "ftp.public" || e.Protocol != "ftp" || e.Time.IsZero() || e.Port != 2121 {
		t.Errorf("it gets %+v", e)
	}
}

// The lines about a session whose trace goes to a collector have its id, and others none.
func TestTraceID(t *testing.T) {
	var text strings.Builder
	r := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.NewTextHandler(&text, nil))})
	defer r.Close()
	user := session.User{Tenant: "acme", Name: "upload"}
	plain, traced := r.NewSession(netip.AddrPort{}), r.NewSession(netip.AddrPort{})
	traced.SetTraceID("104c27eb224dc0f6d34024d96ffc5ffa")
	r.LoggedIn(t.Context(), plain, user)
	if strings.Contains(text.String(), "trace_id") {
		t.Errorf("the line of a session without a trace: %s", &text)
	}
	text.Reset()
	r.LoggedIn(t.Context(), traced, user)
	r.UploadAborted(t.Context(), traced, "/a", 1, errors.New("cause"), "")
	r.Logger(traced).Info("further")
	if n := strings.Count(text.String(), "session="+traced.ID+" trace_id=104c27eb224dc0f6d34024d96ffc5ffa "); n != 3 {
		t.Errorf("%d of 3 lines have the trace:\n%s", n, &text)
	}
}
