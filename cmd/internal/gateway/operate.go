package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/observe"
)

// Program is the program that runs a Gateway.
type Program struct {
	// Version is its version, Revision that of its source.
	Version, Revision string
	// ConfigHash is the hash of the configuration that it has started with.
	ConfigHash string
	// Reload reads the configuration again and calls Gateway.Reload. nil is not possible.
	Reload func(ctx context.Context) (Changes, error)
}

// operation is what operators do with a Gateway. Its methods may be called concurrently.
type operation struct {
	started time.Time
	// drain is closed when an operator asks for a stop.
	drain     chan struct{}
	drainOnce sync.Once

	mu      sync.Mutex
	program Program
	last    frontends.Reloaded
}

// RunBy says which program runs the gateway. It is called before Serve.
func (g *Gateway) RunBy(p Program) {
	g.operation.mu.Lock()
	defer g.operation.mu.Unlock()
	g.operation.program = p
}

// NoteReload notes the end of an attempt to reload the configuration, also when the attempt
// failed before Reload was called. attrs say for the audit what asked for the reload, and what
// it has changed.
func (g *Gateway) NoteReload(ctx context.Context, err error, attrs ...slog.Attr) {
	last, e := frontends.Reloaded{At: time.Now()}, observe.Event{Name: observe.ConfigurationChanged}
	if err != nil {
		last.Err, e.Name = err.Error(), observe.ConfigurationUnchanged
	}
	e.Failure = observe.Failure{Err: err, Attrs: attrs}
	g.observe.Report(ctx, e)
	g.operation.mu.Lock()
	defer g.operation.mu.Unlock()
	g.operation.last = last
}

func (o *operation) get() (Program, frontends.Reloaded) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.program, o.last
}

// reportStart reports the beginning of Serve, for the audit.
func (g *Gateway) reportStart(ctx context.Context) {
	program, _ := g.operation.get()
	g.observe.Report(ctx, observe.Event{Name: observe.ProcessStarted, Failure: observe.Failure{Attrs: []slog.Attr{
		slog.String("version", program.Version), slog.String("config_hash", program.ConfigHash),
	}}})
}

// operated is a Gateway as frontends for operators see it.
type operated struct{ g *Gateway }

var _ frontends.Process = operated{}

// errNoReload is returned to an operator when nothing can reload.
var errNoReload = errors.New("this process cannot reload its configuration")

// Reload implements frontends.Process.
func (o operated) Reload(ctx context.Context) (string, error) {
	program, _ := o.g.operation.get()
	if program.Reload == nil {
		return "", errNoReload
	}
	changes, err := program.Reload(ctx)
	if err != nil {
		return "", err
	}
	text := changes.String()
	if len(changes.AtStart) > 0 {
		text += "; read at the next start only: " + strings.Join(changes.AtStart, ", ")
	}
	return text, nil
}

// Drain implements frontends.Process.
func (o operated) Drain(by string) {
	o.g.operation.drainOnce.Do(func() {
		o.g.observe.Report(context.Background(), observe.Event{Name: observe.DrainRequested, Reason: by})
		close(o.g.operation.drain)
	})
}

// State implements frontends.Process.
func (o operated) State() frontends.State {
	program, last := o.g.operation.get()
	phase, since := o.g.life.now()
	s := frontends.State{
		Version: program.Version, Node: o.g.node, Phase: phase.String(), Since: since, Started: o.g.operation.started, Reloaded: last,
		Events: o.g.events.Status(), Logs: o.g.access.Status(),
	}
	switch phase {
	case Serving:
	case Starting:
		s.NotReady = append(s.NotReady, "starting: not all listeners serve yet")
	case Draining, Stopped, Hung:
		s.NotReady = append(s.NotReady, phase.String()+" since "+since.UTC().Format(time.RFC3339)+": new connections are not accepted")
	}
	for _, server := range o.g.servers.get() {
		l := frontends.Listener{Name: server.Name, Address: server.Addr().String()}
		if a, ok := server.Server.(frontends.Advertiser); ok {
			l.Advertised = a.Advertised()
		}
		s.Listeners = append(s.Listeners, l)
	}
	generation := o.g.inForce.get()
	for _, t := range generation.Tenants {
		s.Tenants = append(s.Tenants, t.Name)
	}
	for _, b := range generation.Backends {
		s.Backends = append(s.Backends, frontends.Backend{Name: b.Name, Unavailable: b.unavailable()})
	}
	return s
}

// unavailable reports whether the store is not open yet.
func (b *Backend) unavailable() bool {
	late, ok := b.Backend.(*lateStore)
	if !ok {
		return false
	}
	_, err := late.get()
	return err != nil
}
