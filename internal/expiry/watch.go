package expiry

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// day is what certificates and people count in.
const day = 24 * time.Hour

// step is how near the end of a Thing is.
type step uint8

const (
	far    step = iota
	month       // 30 days are left, or less
	week        // 7 days
	oneDay      // 1 day
	ended
)

// ahead is how long before the end each step begins.
func ahead() [5]time.Duration {
	return [...]time.Duration{month: 30 * day, week: 7 * day, oneDay: day, ended: 0}
}

// stepAt returns the step of what ends after left, and how long it is until the next one; 0
// when there is none.
func stepAt(left time.Duration) (now step, next time.Duration) {
	begins := ahead()
	for now < ended && left <= begins[now+1] {
		now++
	}
	if now < ended {
		next = left - begins[now+1]
	}
	return now, next
}

const (
	// longestWait is the longest time between two looks at the clock, which may be set, and
	// at the things.
	longestWait = time.Hour
	// mostNames is how many names a line has at most.
	mostNames = 5
)

var expiresIn = metrics.Desc{
	Name: "tidegate_expires_in_seconds", Unit: "seconds", Labels: []string{"what", "of"},
	Help: "Time until the first certificate, SAS, user, password or key of a frontend, a backend or a tenant expires; negative when it has expired. What was meant to expire, such as a user, is left out then.",
}

// Watcher warns of the things of a process. One goroutine uses it.
type Watcher struct {
	log    *slog.Logger
	things func() []Thing
	forget func()
	// reported has the last step of each thing that has a line.
	reported map[Thing]step
	started  bool
}

// New returns a Watcher, and adds the metric of the time that is left. things returns the
// present things; it is called by several goroutines at once. The caller calls Close.
func New(log *slog.Logger, m *metrics.Registry, things func() []Thing) *Watcher {
	w := &Watcher{log: log, things: things, reported: map[Thing]step{}}
	w.forget = m.Source(expiresIn, metrics.TypeGauge, func(add func(float64, ...string)) { left(things(), time.Now(), add) })
	return w
}

// Close removes the metric.
func (w *Watcher) Close() { w.forget() }

// Run writes lines until ctx ends. changed has an element when things may be others than
// before.
func (w *Watcher) Run(ctx context.Context, changed <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-changed:
		}
		timer.Reset(w.report(ctx, time.Now()))
	}
}

// report writes a line about the things that have come to another step, and returns when to
// look again.
func (w *Watcher) report(ctx context.Context, now time.Time) (wait time.Duration) {
	wait = longestWait
	known := map[Thing]step{}
	var groups []group
	for _, t := range w.things() {
		s, next := stepAt(t.Ends.Sub(now))
		if next > 0 {
			wait = min(wait, next)
		}
		if s == far {
			continue
		}
		known[t] = s
		if last, ok := w.reported[t]; !ok || last < s {
			groups = add(groups, t, s)
		}
	}
	for _, g := range groups {
		w.line(ctx, g, now)
	}
	w.reported, w.started = known, true
	return wait
}

// group has the things of one line, at least one.
type group struct {
	step   step
	things []Thing
}

// add adds a thing to the group that it belongs to.
func add(groups []group, t Thing, s step) []group {
	for i := range groups {
		if first := groups[i].things[0]; groups[i].step == s && first.What == t.What && first.Owner == t.Owner && first.Setting == t.Setting {
			groups[i].things = append(groups[i].things, t)
			return groups
		}
	}
	return append(groups, group{s, []Thing{t}})
}

// line writes about things of one kind, owner and step.
func (w *Watcher) line(ctx context.Context, g group, now time.Time) {
	slices.SortStableFunc(g.things, func(a, b Thing) int { return a.Ends.Compare(b.Ends) })
	first := g.things[0]
	var names []string
	for _, t := range g.things[:min(len(g.things), mostNames)] {
		if t.Name != "" {
			names = append(names, t.Name)
		}
	}
	attrs := []slog.Attr{slog.String("what", first.What), slog.String(first.Owner.Kind, first.Owner.Name)}
	if len(names) > 0 {
		attrs = append(attrs, slog.Any("names", names))
	}
	attrs = append(attrs, slog.Int("count", len(g.things)), slog.String("expires", first.Ends.UTC().Format(time.RFC3339)))
	if g.step < ended {
		attrs = append(attrs, slog.Int("days", int(first.Ends.Sub(now)/day)), slog.String("setting", first.Setting))
		w.log.LogAttrs(ctx, slog.LevelWarn, "expires soon", attrs...)
		return
	}
	level := slog.LevelError
	if first.Planned && !w.started {
		level = slog.LevelWarn // nobody has to be woken for it at each start
	}
	w.log.LogAttrs(ctx, level, "has expired", append(attrs, slog.String("setting", first.Setting))...)
}

// left adds, for each kind and owner, the time until the first end.
func left(things []Thing, now time.Time, add func(float64, ...string)) {
	type series struct{ what, of string }
	first := map[series]time.Time{}
	for _, t := range things {
		if t.Planned && !now.Before(t.Ends) {
			continue
		}
		key := series{t.What, t.Owner.Name}
		if known, ok := first[key]; !ok || t.Ends.Before(known) {
			first[key] = t.Ends
		}
	}
	for key, ends := range first {
		add(ends.Sub(now).Seconds(), key.what, key.of)
	}
}
