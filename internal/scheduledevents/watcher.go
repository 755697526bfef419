package scheduledevents

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
)

const (
	// interval is the time between two questions.
	interval = time.Second
	// firstPatience bounds the first answer, patience those that follow.
	firstPatience, patience = 150 * time.Second, 5 * time.Second
	// margin is how long before the time of an event the drain has ended.
	margin = 30 * time.Second
	// lastWait is how long after the time of an event the machine may still run.
	lastWait = 15 * time.Minute
	// notice is the time between two log lines about a service that does not answer.
	notice = time.Minute
	// never is longer than any event is announced ahead.
	never = time.Duration(1<<63 - 1)
)

// ErrOver is returned when the machine still runs after an event.
var ErrOver = errors.New("the scheduled event is over or was cancelled, and the machine still runs")

// Client is the metadata service: an imds.Client.
type Client interface {
	MachineName(ctx context.Context) (string, error)
	Events(ctx context.Context) ([]imds.Event, error)
	StartEvent(ctx context.Context, id string) error
}

// Options describe a Watcher. All are required.
type Options struct {
	Log    *slog.Logger
	Client Client
	// DrainTime is how long a drain takes at most.
	DrainTime time.Duration
}

// Watcher watches the events of this machine. Its methods are called one after another.
type Watcher struct {
	o Options
	// machine is the name of this machine, "" before it is known.
	machine string
	// answered is true after the first answer.
	answered bool
	// failed is when the service did not answer for the first time since it did, warned when
	// the log had that; both are zero while it answers.
	failed, warned time.Time
	// logged has the events that the log has.
	logged map[string]bool
}

// New returns a Watcher.
func New(o Options) *Watcher { return &Watcher{o: o, logged: map[string]bool{}} }

// Watch returns the first event for which a drain must begin now. ok is false when ctx has
// ended.
func (w *Watcher) Watch(ctx context.Context) (e imds.Event, ok bool) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		events, _ := w.own(ctx)
		for _, e := range events {
			if w.drainIn(e) > 0 {
				continue
			}
			w.o.Log.Warn("a scheduled event drains this node", "event_id", e.ID, "type", string(e.Type), "left", max(time.Until(e.NotBefore), 0))
			return e, true
		}
		select {
		case <-ctx.Done():
			return imds.Event{}, false
		case <-ticker.C:
		}
	}
}

// AwaitStop waits, after the drain for an event, until ctx ends. It lets Azure begin with the
// event if it has no other machines. When the event is over before, it returns ErrOver.
func (w *Watcher) AwaitStop(ctx context.Context, e imds.Event) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	last := time.NewTimer(max(time.Until(e.NotBefore), 0) + lastWait)
	defer last.Stop()
	acknowledged, failed := len(e.Machines) > 1, false
	for {
		events, known := w.own(ctx)
		i := slices.IndexFunc(events, func(now imds.Event) bool { return now.ID == e.ID })
		switch {
		case ctx.Err() != nil:
			return nil
		case known && i < 0:
			return w.over(e)
		case known && !acknowledged && !events[i].Started:
			err := w.o.Client.StartEvent(ctx, e.ID)
			if acknowledged = err == nil; acknowledged {
				w.o.Log.Info("scheduled event acknowledged", "event_id", e.ID, "type", string(e.Type))
			} else if !failed && ctx.Err() == nil {
				w.o.Log.Warn("scheduled event not acknowledged", "event_id", e.ID, "err", err)
			}
			failed = err != nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-last.C:
			return w.over(e)
		case <-ticker.C:
		}
	}
}

// over notes that the machine still runs after an event.
func (w *Watcher) over(e imds.Event) error {
	w.o.Log.Error("the machine still runs after a scheduled event", "event_id", e.ID, "type", string(e.Type))
	return ErrOver
}

// drainIn returns the time until the drain for an event must begin: 0 or less for now, and
// never for an event that drains nothing.
func (w *Watcher) drainIn(e imds.Event) time.Duration {
	ends := e.Type == imds.Terminate || e.Type == imds.Preempt
	restarts := e.Type == imds.Reboot || e.Type == imds.Redeploy
	switch {
	case e.Started || !ends && !restarts:
		return never
	case len(e.Machines) == 1 && (ends || e.ByUser), e.NotBefore.IsZero():
		return 0
	}
	return time.Until(e.NotBefore) - w.o.DrainTime - margin
}

// own returns the events of this machine. known is false when the service does not answer.
func (w *Watcher) own(ctx context.Context) (own []imds.Event, known bool) {
	events, err := w.ask(ctx)
	if err != nil {
		w.unanswered(ctx, err)
		return nil, false
	}
	if !w.failed.IsZero() {
		w.o.Log.Info("scheduled events are known again", "dur", time.Since(w.failed))
		w.failed, w.warned = time.Time{}, time.Time{}
	}
	for _, e := range events {
		if slices.ContainsFunc(e.Machines, func(m string) bool { return strings.EqualFold(m, w.machine) }) {
			own = append(own, e)
			w.note(e)
		}
	}
	return own, true
}

// ask asks for the events of all machines.
func (w *Watcher) ask(ctx context.Context) ([]imds.Event, error) {
	if w.machine == "" {
		name, err := w.o.Client.MachineName(ctx)
		if err != nil {
			return nil, err
		}
		w.machine = name
	}
	bound := firstPatience
	if w.answered {
		bound = patience
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	events, err := w.o.Client.Events(ctx)
	w.answered = w.answered || err == nil
	return events, err
}

// unanswered notes that the service does not answer.
func (w *Watcher) unanswered(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	if w.failed.IsZero() {
		w.failed = now
	}
	if w.warned.IsZero() || now.Sub(w.warned) >= notice {
		w.warned = now
		w.o.Log.Warn("cannot learn of scheduled events", "err", err, "dur", now.Sub(w.failed))
	}
}

// note logs an event when it is new, and when it has begun.
func (w *Watcher) note(e imds.Event) {
	status := "scheduled"
	if e.Started {
		status = "started"
	}
	key := e.ID + " " + status
	if w.logged[key] {
		return
	}
	w.logged[key] = true
	attrs := []any{"event_id", e.ID, "type", string(e.Type), "status", status, "description", e.Description, "machines", len(e.Machines)}
	if !e.NotBefore.IsZero() {
		attrs = append(attrs, "not_before", e.NotBefore.UTC().Format(time.RFC3339))
	}
	if in := w.drainIn(e); in < never {
		attrs = append(attrs, "drain_in", max(in, 0))
	}
	w.o.Log.Info("scheduled event", attrs...)
}
