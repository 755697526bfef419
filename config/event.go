package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/vfs"
)

const (
	maxEventWait     = time.Minute
	maxEventTimeout  = time.Minute
	maxEventBuffer   = 100_000
	maxEventRequests = 256
)

// defaultEvent has the defaults of the settings.
func defaultEvent() notify.Settings {
	return notify.Settings{
		Delivery: notify.BestEffort, Wait: 10 * time.Second, Timeout: 15 * time.Second, RetryFor: 24 * time.Hour,
		Buffer: 10_000, MaxRequests: 8,
	}
}

// eventBlock has the arguments that the blocks of all receivers have.
type eventBlock struct {
	// `"before_reply"`: the client gets its reply when the receiver has the event, or after
	// `wait`; `"best_effort"`: the reply does not wait. Default: `"best_effort"`.
	Delivery      string    `hcl:"delivery,optional"`
	DeliveryRange hcl.Range `hcl:"delivery,attr_value_range"`
	// How long a reply waits with `"before_reply"`, up to a minute. After it the client gets
	// the same reply, the log has a warning, and the event is still delivered.
	// Default: `"10s"`.
	Wait      string    `hcl:"wait,optional"`
	WaitRange hcl.Range `hcl:"wait,attr_value_range"`
	// The events that are sent: `"file.committed"`, `"file.deleted"`, `"file.renamed"`,
	// `"directory.created"`, `"directory.deleted"`, `"directory.renamed"`. Default: all.
	Types hcl.Expression `hcl:"types,optional"`
	// The tenants whose events are sent. Default: all.
	Tenants hcl.Expression `hcl:"tenants,optional"`
	// Directories in the trees of the tenants, such as `["/incoming"]`. Only events about these
	// directories and everything below them are sent. Default: `["/"]`.
	Paths hcl.Expression `hcl:"paths,optional"`
	// Patterns for the last part of the path, as in `allow_names`: `["*.csv"]`. A rename is
	// sent when its old or its new path matches. Default: all.
	Names hcl.Expression `hcl:"names,optional"`
	// How long one request may take, up to a minute. Default: `"15s"`.
	Timeout      string    `hcl:"timeout,optional"`
	TimeoutRange hcl.Range `hcl:"timeout,attr_value_range"`
	// How many requests are under way at a time. Events about one path are sent one after the
	// other. Default: `8`.
	MaxRequests      *int      `hcl:"max_requests,optional"`
	MaxRequestsRange hcl.Range `hcl:"max_requests,attr_value_range"`
	// How many events may wait for their delivery. Further events are lost and counted. An event
	// takes about 2 KiB of memory. All receivers together get an eighth of `transfers { memory }`
	// for their events, in equal parts: 32 MiB by default. Default: `10000`.
	Buffer      *int      `hcl:"buffer,optional"`
	BufferRange hcl.Range `hcl:"buffer,attr_value_range"`
	// How old an event may become before it is lost. Default: `"24h"`.
	RetryFor      string    `hcl:"retry_for,optional"`
	RetryForRange hcl.Range `hcl:"retry_for,attr_value_range"`

	// Rest has the arguments of one type.
	Rest hcl.Body `hcl:",remain"`
}

// events reads the blocks event.
func (l *loader) events(blocks hcl.Blocks) {
	bodies := make([]eventBlock, len(blocks))
	for i, b := range blocks {
		l.decode(b, &bodies[i])
		b.Body = bodies[i].Rest
	}
	all := decodeTyped(l, blocks, l.registry.Events)
	for _, e := range all {
		i := slices.IndexFunc(blocks, func(b *hcl.Block) bool { return b.Labels[0] == e.Type && b.Labels[1] == e.Name })
		s := l.event(&bodies[i])
		if b, ok := e.Config.(Batching); ok {
			l.batches(b, &s)
		}
		l.config.Events = append(l.config.Events, &Event{Type: e.Type, Name: e.Name, Config: e.Config, At: e.At, Settings: s})
	}
}

// Batching is implemented by the body of a receiver that takes several events in one request.
type Batching interface {
	// Batches returns the limits of a batch, and the place of the time for which events wait for
	// others, if the block has it.
	Batches() (b notify.Batch, wait hcl.Range)
}

// batches reads the limits of the batches of a receiver.
func (l *loader) batches(b Batching, s *notify.Settings) {
	batch, at := b.Batches()
	if s.Delivery == notify.BeforeReply && batch.Wait >= s.Wait {
		l.problem(at, "Replies do not wait for a batch", fmt.Sprintf("A reply waits for %v, and an event for others of its batch for %v. Write a shorter batch_wait.", s.Wait, batch.Wait))
	}
	s.Batch = batch
}

// event reads the arguments that all receivers have.
func (l *loader) event(b *eventBlock) notify.Settings {
	s := defaultEvent()
	if b.DeliveryRange != (hcl.Range{}) {
		l.report(b.DeliveryRange, OneOf("delivery", b.Delivery, b.DeliveryRange, string(notify.BeforeReply), string(notify.BestEffort)))
		s.Delivery = notify.Delivery(b.Delivery)
	}
	if b.WaitRange != (hcl.Range{}) && s.Delivery == notify.BestEffort {
		l.problem(b.WaitRange, "Nothing waits", `Replies wait with delivery = "before_reply" only. Write it, or remove wait.`)
	}
	l.eventTime(b.Wait, b.WaitRange, maxEventWait, `Write a time up to "1m": clients give up later.`, &s.Wait)
	l.eventTime(b.Timeout, b.TimeoutRange, maxEventTimeout, `Write a time up to "1m".`, &s.Timeout)
	l.eventTime(b.RetryFor, b.RetryForRange, 0, `Write a time such as "24h".`, &s.RetryFor)
	l.eventNumber(b.Buffer, b.BufferRange, maxEventBuffer, &s.Buffer)
	l.eventNumber(b.MaxRequests, b.MaxRequestsRange, maxEventRequests, &s.MaxRequests)
	s.Filter = l.eventFilter(b)
	return s
}

// eventTime reads a time above 0. most is the longest valid time, 0 for no bound.
func (l *loader) eventTime(text string, at hcl.Range, most time.Duration, advice string, into *time.Duration) {
	if at == (hcl.Range{}) {
		return
	}
	d, diags := ParseDuration(text, at)
	l.report(at, diags)
	if !diags.HasErrors() && (d <= 0 || most > 0 && d > most) {
		l.problem(at, "Invalid time", advice)
	}
	*into = d
}

// eventNumber reads a number from 1 to most.
func (l *loader) eventNumber(n *int, at hcl.Range, most int, into *int) {
	if n == nil {
		return
	}
	if *n < 1 || *n > most {
		l.problem(at, "Invalid number", fmt.Sprintf("Write a number from 1 to %d.", most))
	}
	*into = *n
}

// eventFilter reads the arguments that decide which events are sent.
func (l *loader) eventFilter(b *eventBlock) (f notify.Filter) {
	var kinds []string
	for _, k := range notify.Kinds() {
		kinds = append(kinds, string(k))
	}
	types, _ := l.list(b.Types)
	for _, t := range types {
		if !slices.Contains(kinds, t.value) {
			l.problem(t.at, "Unknown type of event", fmt.Sprintf("There is no event %q.%s", t.value, choices(t.value, kinds)))
		}
		f.Kinds = append(f.Kinds, notify.Kind(t.value))
	}
	var tenants []string
	for _, t := range l.config.Tenants {
		tenants = append(tenants, t.Name)
	}
	named, _ := l.list(b.Tenants)
	for _, t := range named {
		if !slices.ContainsFunc(tenants, func(name string) bool { return auth.Fold(name) == auth.Fold(t.value) }) {
			l.problem(t.at, "Unknown tenant", fmt.Sprintf("There is no block tenant %q.%s", t.value, choices(t.value, tenants)))
		}
		f.Tenants = append(f.Tenants, t.value)
	}
	paths, _ := l.list(b.Paths)
	for _, p := range paths {
		f.Paths = append(f.Paths, l.eventPath(p))
	}
	names, _ := l.list(b.Names)
	for _, n := range names {
		if err := vfs.CheckNamePattern(n.value); err != nil {
			l.problem(n.at, "Invalid pattern", fmt.Sprintf(`This cannot be a pattern of names: %v. Write a text such as "*.csv".`, err))
		}
		f.Names = append(f.Names, n.value)
	}
	return f
}

// eventPath returns a directory of a filter as events have it.
func (l *loader) eventPath(p item) string {
	path, err := vfs.ParsePath(vfs.Path{}, p.value)
	if err != nil || !strings.HasPrefix(p.value, "/") {
		l.problem(p.at, "Invalid path", `Write a directory of the tenants' trees, such as "/incoming".`)
	}
	return path.Place().String()
}
