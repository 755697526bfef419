package gateway

import (
	"context"
	"errors"
	"log/slog"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/imds"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/scheduledevents"
)

// Gateway runs one configuration: its backends are open and all its ports are bound.
// Its methods may be called concurrently. Either Serve or Abandon is called, once.
type Gateway struct {
	*process
	inForce *inForce
	servers *servers
	life    *lifecycle
	// drainDelay is how long the listeners stay open after the stop, grace how long running
	// transfers may continue then.
	drainDelay, grace time.Duration
	// node is the name of the node, "" for none.
	node string

	// reloading is held during a reload. It is taken before every other lock.
	reloading sync.Mutex
	// config is the current configuration.
	config *config.Config
	// began is closed when Serve has begun. reloaded has an element when users may expire at
	// other times than before.
	began, reloaded chan struct{}
	// replaced has an element when other things may expire than before.
	replaced chan struct{}
	// left has an element after Leave.
	left chan struct{}
	// scheduled watches the events that Azure has scheduled, nil for none.
	scheduled *scheduledevents.Watcher

	operation operation
}

// Open opens the backends, then binds all ports. A backend that is not required to open
// (config.Start) is tried again until it does. After an error nothing stays open but
// sockets, which opens the ports; nil binds them.
func Open(ctx context.Context, c *config.Config, log *slog.Logger, sockets *listen.Sockets) (*Gateway, error) {
	p := newProcess(c.Transfers, log)
	p.sockets = sockets
	logs, err := p.access.Prepare(c.AccessLogs)
	if err != nil {
		return nil, err
	}
	traceTo, abandonTraces, err := p.openTracing(ctx, c, nil)
	if err != nil {
		logs.Abandon()
		return nil, err
	}
	first, err := newGeneration(ctx, p, c, nil)
	if err != nil {
		logs.Abandon()
		abandonTraces()
		return nil, err
	}
	logs.Apply()
	traceTo()
	p.setLimits(c)
	g := newGateway(p, c, first)
	g.watchScheduledEvents(c, imds.Endpoint)
	receivers, err := openEvents(ctx, c, nil)
	if err != nil {
		return nil, g.Abandon(err)
	}
	g.events.Set(c.Node.Name, receivers, g.grace)
	g.servers.list, err = openServers(ctx, g, c)
	if err != nil {
		return nil, g.Abandon(err)
	}
	for _, s := range sockets.Unused() {
		log.Warn("no frontend listens on an inherited socket", "socket", s)
	}
	return g, nil
}

// newGateway returns a Gateway without ports, with first as the current generation.
func newGateway(p *process, c *config.Config, first *Generation) *Gateway {
	g := &Gateway{
		process: p, inForce: &inForce{log: p.log, current: first}, servers: &servers{log: p.log}, life: newLifecycle(),
		drainDelay: c.Transfers.DrainDelay, grace: c.Transfers.Grace, node: c.Node.Name, config: c,
		began: make(chan struct{}), reloaded: make(chan struct{}, 1), replaced: make(chan struct{}, 1), left: make(chan struct{}, 1),
		operation: operation{started: time.Now(), drain: make(chan struct{})},
	}
	g.addMetrics()
	return g
}

// Servers returns the frontends that accept connections, in the order of the configuration.
func (g *Gateway) Servers() []*Server { return g.servers.get() }

// ReopenLogs opens the files of the access logs again, as after another program has renamed
// them.
func (g *Gateway) ReopenLogs() { g.access.Reopen() }

// Generation returns the current generation. It is not held.
func (g *Gateway) Generation() *Generation { return g.inForce.get() }

// Health returns the condition of the gateway.
func (g *Gateway) Health() Health {
	state, since := g.life.now()
	return Health{State: state, Since: since, Sessions: g.observe.Sessions.Len(), Generations: len(g.inForce.open())}
}

// Running returns the running transfers and listings: "contoso/camera-01 write /a.jpg".
func (g *Gateway) Running() []string {
	var all []string
	for _, s := range g.observe.Sessions.All() {
		for _, o := range s.Operations() {
			all = append(all, s.User().String()+" "+o.Op+" "+o.Path)
		}
	}
	return all
}

// lastBound is how long the process may take to end after the grace period, when the
// remaining transfers have been aborted. Stores still have work then: for ten seconds they
// look for a commit whose answer was lost, and they remove the source of a directory that
// was copied.
const lastBound = 30 * time.Second

// errHangs is returned when a part of the process does not end. The log has the goroutines.
var errHangs = errors.New("a part of the process does not end")

// StopTime returns how long a stop takes at most.
func (g *Gateway) StopTime() time.Duration { return g.drainDelay + g.grace + lastBound }

// Serve runs all frontends until ctx ends, an operator or a scheduled event drains the
// process, or one of them fails, which stops the others. Backends are closed when all
// frontends have ended. After a scheduled event, Serve then waits for the end of ctx, and
// fails when the machine still runs after the event.
//
// After the end of ctx, clients are served as before for the time of the configuration
// (drain_delay), while Health is not ready.
//
// Serve also returns when a part does not end because of a bug: a node that never ends is
// worse than a transfer that is cut.
func (g *Gateway) Serve(ctx context.Context) error {
	// The frontends end after the log has the line about the stop.
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ends := expiry.New(g.log, g.observe.Metrics, g.expiring)
	defer ends.Close()
	g.servers.begin(serving, end)
	g.life.on(served)
	g.log.Info("ready")
	g.reportStart(ctx)
	close(g.began)

	var background sync.WaitGroup
	background.Go(func() { g.endExpired(serving) })
	background.Go(func() { ends.Run(serving, g.replaced) })
	drained := make(chan imds.Event, 1)
	background.Go(func() { g.drainForEvent(serving, drained) })
	defer background.Wait()
	result := make(chan error, 1)
	go func() {
		<-serving.Done()
		until := time.Now().Add(g.grace)
		err := g.servers.wait(func() { g.deliverLast(until) })
		err = errors.Join(err, g.inForce.close())
		g.sendLastSpans()
		g.observe.Report(ctx, observe.Event{Name: observe.ProcessStopped})
		g.access.Close()
		result <- err
	}()
	delay := g.drainDelay
	select {
	case <-ctx.Done():
	case <-g.left:
		delay = 0
	case <-serving.Done():
	case <-g.operation.drain:
	}
	g.life.on(stop)
	g.log.Info("stopping", "drain_delay", delay, "grace", g.grace)
	g.observe.Report(ctx, observe.Event{Name: observe.ProcessStopping})
	g.delay(serving, delay)
	end()
	g.sockets.Close()
	if err := g.await(result); err != nil {
		return err
	}
	return g.awaitMachine(ctx, drained)
}

// Stopping is closed when g drains, or has ended without that.
func (g *Gateway) Stopping() <-chan struct{} { return g.life.stopping }

// Leave stops g without drain_delay, because another process serves its ports.
func (g *Gateway) Leave() {
	select {
	case g.left <- struct{}{}:
	default: // it was called before
	}
}

// delay waits for a time, or for the end of serving.
func (g *Gateway) delay(serving context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
		g.log.Info("listeners close")
	case <-serving.Done():
	}
}

// await waits until everything has ended, at most for the grace period and lastBound.
func (g *Gateway) await(result <-chan error) error {
	begun := time.Now()
	last := time.NewTimer(g.grace + lastBound)
	defer last.Stop()
	select {
	case err := <-result:
		g.life.on(ended)
		g.log.Info("stopped", "dur", time.Since(begun))
		return err
	case <-last.C:
		g.life.on(gaveUp)
		g.log.Error("shutdown incomplete", "dur", time.Since(begun), "goroutines", goroutines())
		return errHangs
	}
}

// goroutines returns the stacks of all goroutines, equal ones once with their number.
func goroutines() string {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return err.Error()
	}
	return b.String()
}

// Abandon closes a Gateway that has not served, and returns cause joined with the errors of
// closing.
func (g *Gateway) Abandon(cause error) error {
	err := errors.Join(cause, closeAll(g.servers.get()), g.inForce.close())
	g.deliverLast(time.Now())
	g.sendLastSpans()
	g.access.Close()
	g.life.on(ended)
	return err
}
