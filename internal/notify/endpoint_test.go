package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

// receiver is a Sender of a test. answer says what happens to an attempt.
type receiver struct {
	mu       sync.Mutex
	attempts []attempt
	answer   func(ctx context.Context, path string, attempt int) error
	closed   int
}

// attempt is one attempt, at the time since the beginning. path has the paths of all events of a
// batch, with spaces between them.
type attempt struct {
	path  string
	id    string
	at    time.Duration
	batch bool
}

var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of a bubble of synctest

func (r *receiver) Send(ctx context.Context, m Message) error {
	var paths []string
	for _, e := range m.Events {
		_, rest, _ := strings.Cut(string(e), `"subject":"`)
		path, _, _ := strings.Cut(rest, `"`)
		paths = append(paths, path)
	}
	path := strings.Join(paths, " ")
	r.mu.Lock()
	r.attempts = append(r.attempts, attempt{path, m.ID, time.Since(began), m.Batch})
	n := len(r.attempts)
	r.mu.Unlock()
	if r.answer == nil {
		return nil
	}
	return r.answer(ctx, path, n)
}

func (r *receiver) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed++
}

// paths returns the paths of the attempts in their order.
func (r *receiver) paths() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, a := range r.attempts {
		all = append(all, a.path)
	}
	return all
}

// fixture is a Hub with one endpoint.
type fixture struct {
	*Hub
	r      *receiver
	m      *metrics.Registry
	log    *syncBuffer
	memory *memory.Budget
}

// syncBuffer is a log.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// count returns how many lines have a message.
func (b *syncBuffer) count(message string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.b.String(), fmt.Sprintf("msg=%q", message))
}

func settings() Settings {
	return Settings{Delivery: BestEffort, Wait: 10 * time.Second, Timeout: 15 * time.Second, RetryFor: time.Hour, Buffer: 100, MaxRequests: 4}
}

func start(s Settings, answer func(ctx context.Context, path string, attempt int) error) *fixture {
	f := &fixture{r: &receiver{answer: answer}, m: metrics.New(), log: &syncBuffer{}}
	f.memory = memory.New(64 << 20)
	f.Hub = New(slog.New(slog.NewTextHandler(f.log, nil)), f.m, f.memory.Part("events", memory.Limits{Most: 32 << 20}))
	f.Set("node", []Spec{{Name: "test.one", Settings: s, Sender: f.r}}, time.Minute)
	return f
}

// stop closes the Hub with so much time.
func (f *fixture) stop(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	f.Close(ctx)
}

func (f *fixture) write(path string) {
	f.Changed(context.Background(), event("write", path, "", vfs.TypeFile))
}

// counts returns the metrics in one line.
func (f *fixture) counts() string {
	return fmt.Sprintf("queued %v delivered %v failed %v late %v lost %v", f.m.Sum(queueLength.Name), f.m.Sum(deliveredTotal.Name),
		f.m.Sum(failedTotal.Name), f.m.Sum(lateTotal.Name), f.m.Sum(lostTotal.Name))
}

func (f *fixture) want(t *testing.T, counts string) {
	t.Helper()
	synctest.Wait() // a delivery is counted after the reply that waits for it
	if got := f.counts(); got != counts {
		t.Errorf("%s, want %s", got, counts)
	}
}

var errDown = errors.New("connection refused")

// A receiver that is down gets few attempts, each event once when it is back, and the log has
// one line for each change of its state.
func TestReceiverDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(settings(), func(context.Context, string, int) error {
			if time.Since(began) < 10*time.Minute {
				return errDown
			}
			return nil
		})
		for i := range 20 {
			f.write(fmt.Sprintf("/f%02d", i))
		}
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		if n := len(f.r.paths()); n < 10 || n > 30 {
			t.Errorf("%d attempts in nine minutes", n)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if got := f.m.Sum(deliveredTotal.Name); got != 20 {
			t.Errorf("%v events are delivered, want 20", got)
		}
		f.stop(time.Second)
		if down, up := f.log.count("event receiver not available"), f.log.count("event receiver accepts events again"); down != 1 || up != 1 {
			t.Errorf("%d lines say that the receiver is down, %d that it is back", down, up)
		}
	})
}

// One event that the receiver refuses is tried again later, with the same ID, and holds up
// only events about the same path.
func TestRefusedEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(settings(), func(_ context.Context, path string, _ int) error {
			if path == "/bad" && time.Since(began) < time.Minute {
				return &Failure{Err: errors.New("the receiver answers 500")}
			}
			return nil
		})
		f.write("/bad")
		f.write("/good")
		f.write("/bad")
		f.Changed(context.Background(), event("rename", "/bad", "/other", vfs.TypeFile))
		f.write("/other")
		synctest.Wait()
		if got, want := f.r.paths(), []string{"/bad", "/good"}; !slices.Equal(sorted(got), want) {
			t.Errorf("attempts at once: %v, want %v", got, want)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		all := f.r.paths()
		if got, want := all[len(all)-4:], []string{"/bad", "/bad", "/other", "/other"}; !slices.Equal(got, want) {
			t.Errorf("the last attempts are %v, want %v", got, want)
		}
		first := f.r.attempts[slices.IndexFunc(f.r.attempts, func(a attempt) bool { return a.path == "/bad" })].id
		if again := f.r.attempts[len(all)-4].id; again != first {
			t.Errorf("the event has the IDs %s and %s", first, again)
		}
		f.stop(time.Second)
	})
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// Retry-After is kept.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(settings(), func(_ context.Context, _ string, n int) error {
			if n == 1 {
				return &Failure{Err: errors.New("429"), Busy: true, After: 90 * time.Second}
			}
			return nil
		})
		f.write("/a")
		synctest.Wait()
		f.write("/b")
		time.Sleep(89 * time.Second)
		synctest.Wait()
		if n := len(f.r.paths()); n != 1 {
			t.Errorf("%d attempts before the time", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		f.want(t, "queued 0 delivered 2 failed 1 late 0 lost 0")
		f.stop(time.Second)
	})
}

// After 410 nothing is sent any more, until the block has changed.
func TestReceiverGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings()
		f := start(s, func(context.Context, string, int) error {
			return &Failure{Err: errors.New("410"), Gone: true}
		})
		f.write("/a")
		synctest.Wait()
		f.write("/b")
		synctest.Wait()
		if n := len(f.r.paths()); n != 1 {
			t.Errorf("%d attempts", n)
		}
		f.want(t, "queued 0 delivered 0 failed 1 late 0 lost 2")
		if n := f.log.count("event receiver gone"); n != 1 {
			t.Errorf("%d lines", n)
		}
		next := &receiver{}
		f.Set("node", []Spec{{Name: "test.one", Settings: s, Sender: next, Same: true}}, time.Minute)
		f.write("/c")
		f.Set("node", []Spec{{Name: "test.one", Settings: s, Sender: next}}, time.Minute)
		f.write("/d")
		synctest.Wait()
		if got := next.paths(); !slices.Equal(got, []string{"/d"}) {
			t.Errorf("the next receiver got %v", got)
		}
		f.stop(time.Second)
	})
}

// With before_reply a change returns when the receiver has the event, or when the time is
// over; then the event is delivered all the same.
func TestBeforeReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings()
		s.Delivery = BeforeReply
		slow := 3 * time.Second
		f := start(s, func(ctx context.Context, _ string, _ int) error {
			select {
			case <-time.After(slow):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		f.write("/a")
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the reply waited for %v", took)
		}
		f.want(t, "queued 0 delivered 1 failed 0 late 0 lost 0")
		slow = 14 * time.Second
		f.write("/b")
		if took := time.Since(began); took != 13*time.Second {
			t.Errorf("the replies waited until %v", took)
		}
		f.want(t, "queued 1 delivered 1 failed 0 late 1 lost 0")
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		f.Changed(ctx, event("write", "/c", "", vfs.TypeFile)) // the client leaves
		if took := time.Since(began); took != 14*time.Second {
			t.Errorf("the replies waited until %v", took)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		f.want(t, "queued 0 delivered 3 failed 0 late 2 lost 0")
		if n := f.log.count("event not delivered before the reply"); n != 1 {
			t.Errorf("%d warnings, want one in a minute", n)
		}
		f.stop(time.Second)
	})
}

// A full buffer drops new events, and counts them. No reply waits for them.
func TestBufferFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings()
		s.Buffer, s.Delivery = 2, BeforeReply
		f := start(s, func(ctx context.Context, _ string, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		})
		for _, p := range []string{"/a", "/b"} {
			go f.write(p)
		}
		synctest.Wait()
		f.write("/c")
		f.write("/d")
		if took := time.Since(began); took != 0 {
			t.Errorf("the replies waited for %v", took)
		}
		f.want(t, "queued 2 delivered 0 failed 0 late 2 lost 2")
		f.stop(time.Second)
		synctest.Wait()
		f.want(t, "queued 0 delivered 0 failed 2 late 4 lost 4")
		if n := f.log.count("events lost"); n != 3 {
			t.Errorf("%d lines: one for the first, one for the second, one for the stop", n)
		}
	})
}

// An event that becomes too old is dropped, and those that waited for it go on.
func TestExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings()
		s.RetryFor = 10 * time.Minute
		f := start(s, func(_ context.Context, path string, _ int) error {
			if path == "/a" && time.Since(began) < 11*time.Minute {
				return &Failure{Err: errors.New("400")}
			}
			return nil
		})
		f.write("/a")
		time.Sleep(9 * time.Minute)
		f.write("/a")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := f.m.Counter(lostTotal, "test.one", expired).Value(); got != 1 {
			t.Errorf("%d events have expired", got)
		}
		if got := f.m.Sum(deliveredTotal.Name); got != 1 {
			t.Errorf("%v events are delivered", got)
		}
		f.stop(time.Second)
	})
}

// A stop delivers what is queued within its time, also of an endpoint that was removed
// before, and counts the rest.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings()
		s.MaxRequests = 1
		f := start(s, func(ctx context.Context, _ string, _ int) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		for i := range 10 {
			f.write(fmt.Sprintf("/f%d", i))
		}
		f.Set("node", nil, time.Minute)
		f.write("/late")
		f.stop(4500 * time.Millisecond)
		if took := time.Since(began); took != 4500*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
		f.want(t, "queued 0 delivered 4 failed 1 late 0 lost 6")
		if f.r.closed != 1 {
			t.Errorf("the sender was closed %d times", f.r.closed)
		}
	})
}

// What is queued for a receiver goes to the one that takes its name.
func TestChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(settings(), func(context.Context, string, int) error { return errDown })
		f.write("/a")
		f.write("/b")
		synctest.Wait()
		next := &receiver{}
		f.Set("node", []Spec{{Name: "test.one", Settings: settings(), Sender: next}}, time.Minute)
		synctest.Wait()
		if got := sorted(next.paths()); !slices.Equal(got, []string{"/a", "/b"}) {
			t.Errorf("the next receiver got %v", got)
		}
		if f.r.closed != 1 {
			t.Errorf("the sender was closed %d times", f.r.closed)
		}
		f.stop(time.Second)
		if next.closed != 1 {
			t.Errorf("the next sender was closed %d times", next.closed)
		}
	})
}

// The status of a receiver has why its events wait, until none waits that has failed; a receiver
// that was removed is there until its queue is empty.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(settings(), func(_ context.Context, path string, _ int) error {
			if path == "/bad" && time.Since(began) < time.Minute {
				return &Failure{Err: errors.New("the receiver answers 500")}
			}
			return nil
		})
		f.write("/bad")
		f.write("/bad")
		f.write("/good")
		synctest.Wait()
		time.Sleep(10 * time.Second)
		s := f.Status()[0]
		if s.Name != "test.one" || s.Waiting != 2 || s.Failed != 1 || s.Delivered != 1 || s.Err != "the receiver answers 500" || !s.Since.Equal(began) || !s.ErrAt.After(s.Since) {
			t.Errorf("while an event is refused: %+v", s)
		}
		f.Set("node", nil, 10*time.Minute)
		if all := f.Status(); len(all) != 1 || !all[0].Removed || all[0].Waiting != 2 {
			t.Errorf("after the removal: %+v", all)
		}
		time.Sleep(5 * time.Minute) // the pause before the next attempt takes up to 77 seconds
		synctest.Wait()
		if all := f.Status(); len(all) != 0 {
			t.Errorf("in the end: %+v", all)
		}
		f.want(t, fmt.Sprintf("queued 0 delivered 3 failed %v late 0 lost 0", f.m.Sum(failedTotal.Name)))
		f.stop(time.Second)
	})
}

// What has failed before a stop is tried once more at once.
func TestStopTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		f := start(settings(), func(context.Context, string, int) error {
			if down {
				return errDown
			}
			return nil
		})
		f.write("/a")
		f.write("/b")
		time.Sleep(10 * time.Minute) // the next attempts are a minute away
		synctest.Wait()
		down = false
		f.stop(time.Second)
		if got := f.m.Sum(lostTotal.Name); got != 0 {
			t.Errorf("%v events are lost", got)
		}
	})
}
