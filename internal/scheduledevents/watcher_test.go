package scheduledevents_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
	"github.com/tidegate/tidegate/internal/scheduledevents"
)

const drainTime = 2 * time.Minute

// azure answers for the machine "node_0".
type azure struct {
	mu     sync.Mutex
	events []imds.Event
	err    error // of Events
	refuse error // of StartEvent
	hang   bool  // Events does not answer
	// started are the events that were acknowledged.
	started []string
	asked   int
}

func (*azure) MachineName(context.Context) (string, error) { return "node_0", nil }

func (a *azure) Events(ctx context.Context) ([]imds.Event, error) {
	a.mu.Lock()
	a.asked++
	events, err, hang := slices.Clone(a.events), a.err, a.hang
	a.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return events, err
}

func (a *azure) StartEvent(_ context.Context, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuse == nil {
		a.started = append(a.started, id)
	}
	return a.refuse
}

// set changes a.
func (a *azure) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *azure) count() (asked int) {
	a.set(func() { asked = a.asked })
	return asked
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

// String returns what was written since the last call.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.text.String()
	b.text.Reset()
	return text
}

// watching is a Watcher in a bubble, with what it logs.
func watching(a *azure) (*scheduledevents.Watcher, *buffer) {
	log := &buffer{}
	return scheduledevents.New(scheduledevents.Options{Log: slog.New(slog.NewTextHandler(log, nil)), Client: a, DrainTime: drainTime}), log
}

// When a drain begins depends on the event. After an hour without one, there is none.
func TestWhenADrainBegins(t *testing.T) {
	const notice, never = 15 * time.Minute, time.Hour
	alone, both, other := []string{"NODE_0"}, []string{"node_1", "node_0"}, []string{"node_1"}
	late := notice - drainTime - 30*time.Second
	for name, test := range map[string]struct {
		event imds.Event
		want  time.Duration
	}{
		"terminate":                 {imds.Event{Type: imds.Terminate, Machines: alone}, 0},
		"terminate two":             {imds.Event{Type: imds.Terminate, Machines: both}, late},
		"preempt":                   {imds.Event{Type: imds.Preempt, Machines: alone}, 0},
		"reboot by a user":          {imds.Event{Type: imds.Reboot, Machines: alone, ByUser: true}, 0},
		"reboot by Azure":           {imds.Event{Type: imds.Reboot, Machines: alone}, late},
		"redeploy by a user":        {imds.Event{Type: imds.Redeploy, Machines: alone, ByUser: true}, 0},
		"redeploy two by a user":    {imds.Event{Type: imds.Redeploy, Machines: both, ByUser: true}, late},
		"redeploy by Azure":         {imds.Event{Type: imds.Redeploy, Machines: alone}, late},
		"freeze":                    {imds.Event{Type: imds.Freeze, Machines: alone}, never},
		"a type of later":           {imds.Event{Type: "Rewind", Machines: alone}, never},
		"of another machine":        {imds.Event{Type: imds.Terminate, Machines: other}, never},
		"that has begun":            {imds.Event{Type: imds.Reboot, Machines: alone, ByUser: true, Started: true}, never},
		"without machines":          {imds.Event{Type: imds.Terminate}, never},
		"reboot at an unknown time": {imds.Event{ID: "unknown time", Type: imds.Reboot, Machines: alone}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := test.event
				if e.ID == "" {
					e.ID, e.NotBefore = "E1", time.Now().Add(notice)
				}
				a := &azure{events: []imds.Event{e}}
				w, log := watching(a)
				ctx, cancel := context.WithTimeout(t.Context(), never)
				defer cancel()
				begun := time.Now()
				got, ok := w.Watch(ctx)
				if took := time.Since(begun); took != test.want || ok != (test.want < never) || ok && got.ID != e.ID {
					t.Errorf("the drain for %+v (%v) begins after %v, want %v; the log:\n%s", got, ok, took, test.want, log)
				}
				if asked := a.count(); asked < int(test.want/time.Second) {
					t.Errorf("asked %d times in %v", asked, test.want)
				}
			})
		})
	}
}

// An event that Azure cancels while its time is far drains nothing.
func TestCancelledBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &azure{events: []imds.Event{{ID: "E1", Type: imds.Redeploy, Machines: []string{"node_0"}, NotBefore: time.Now().Add(50 * time.Minute)}}}
		w, log := watching(a)
		time.AfterFunc(30*time.Minute, func() { a.set(func() { a.events = nil }) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if e, ok := w.Watch(ctx); ok {
			t.Errorf("a drain for %+v", e)
		}
		if n := strings.Count(log.String(), `msg="scheduled event"`); n != 1 {
			t.Errorf("the log has %d lines:\n%s", n, log)
		}
	})
}

// After the drain the event is acknowledged, until that succeeds, if it is of this machine
// alone. The wait ends with ctx, when the event is over, or long after its time.
func TestAfterTheDrain(t *testing.T) {
	alone, both := []string{"node_0"}, []string{"node_0", "node_1"}
	const stopped, left = 10*time.Second + time.Millisecond, 15 * time.Minute
	for name, test := range map[string]struct {
		machines []string
		refused  time.Duration // how long acknowledging fails
		gone     time.Duration // when the event is over; 0 for never
		stop     time.Duration // when the machine stops; 0 for never
		silent   bool          // the service fails
		started  int
		took     time.Duration
		err      error
	}{
		"the machine stops":           {machines: alone, stop: stopped, started: 1, took: stopped},
		"of two machines":             {machines: both, stop: stopped, took: stopped},
		"acknowledged later":          {machines: alone, refused: 3500 * time.Millisecond, stop: stopped, started: 1, took: stopped},
		"over, but the machine runs":  {machines: alone, gone: 5500 * time.Millisecond, started: 1, took: 6 * time.Second, err: scheduledevents.ErrOver},
		"gone at once":                {machines: alone, gone: time.Nanosecond, started: 0, took: 0, err: scheduledevents.ErrOver},
		"never over":                  {machines: alone, started: 1, took: left + 15*time.Minute, err: scheduledevents.ErrOver},
		"the service does not answer": {machines: alone, silent: true, took: left + 15*time.Minute, err: scheduledevents.ErrOver},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := imds.Event{ID: "E1", Type: imds.Terminate, Machines: test.machines, NotBefore: time.Now().Add(left)}
				a := &azure{events: []imds.Event{e}}
				if test.silent {
					a.err = errors.New("no answer")
				}
				if test.refused > 0 {
					a.refuse = errors.New("not now")
					time.AfterFunc(test.refused, func() { a.set(func() { a.refuse = nil }) })
				}
				if test.gone > time.Nanosecond {
					time.AfterFunc(test.gone, func() { a.set(func() { a.events = nil }) })
				} else if test.gone > 0 {
					a.events = nil
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.stop > 0 {
					time.AfterFunc(test.stop, cancel)
				}
				w, log := watching(a)
				begun := time.Now()
				err := w.AwaitStop(ctx, e)
				if took := time.Since(begun); took != test.took || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
					t.Errorf("AwaitStop: %v after %v, want %v after %v", err, took, test.err, test.took)
				}
				if len(a.started) != test.started {
					t.Errorf("acknowledged %v, want %d", a.started, test.started)
				}
				if n := strings.Count(log.String(), "not acknowledged"); n > 1 {
					t.Errorf("the log has %d lines about one refusal:\n%s", n, log)
				}
			})
		})
	}
}

// The first answer may take two minutes, later ones are given up after five seconds. A service
// that does not answer is logged once a minute, and when it answers again.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &azure{hang: true}
		w, log := watching(a)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Watch(ctx)
		}()
		time.Sleep(149 * time.Second)
		if text, asked := log.String(), a.count(); asked != 1 || text != "" {
			t.Errorf("asked %d times before the first answer, the log:\n%s", asked, text)
		}
		time.Sleep(2 * time.Second)
		if text := log.String(); !strings.Contains(text, "cannot learn of scheduled events") {
			t.Errorf("the log has nothing about a service that does not answer:\n%s", text)
		}
		a.set(func() { a.hang = false })
		time.Sleep(150 * time.Second)
		if text := log.String(); !strings.Contains(text, "known again") {
			t.Errorf("the log has nothing about the first answer:\n%s", text)
		}
		asked := a.count()
		a.set(func() { a.hang = true })
		time.Sleep(10 * time.Minute)
		if n := a.count() - asked; n < 100 || n > 121 {
			t.Errorf("asked %d times in ten minutes", n)
		}
		if text := log.String(); strings.Count(text, "cannot learn") < 9 || strings.Count(text, "cannot learn") > 11 {
			t.Errorf("the log of ten minutes:\n%s", text)
		}
		cancel()
		<-ended
	})
}
