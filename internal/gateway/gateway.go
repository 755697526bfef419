package gateway

import (
	"context"
	"errors"
	"log/slog"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/tidegate/tidegate/config"
)

// Gateway runs one configuration: its backends are open and all its ports are bound.
// Its methods may be called concurrently, but Serve and Abandon, of which one is
// called, once.
type Gateway struct {
	*process
	inForce *inForce
	servers servers
	life    *lifecycle
	// grace is how long running transfers may go on after the stop.
	grace time.Duration
}

// Open opens all backends, then binds all ports. When something fails, the error names
// it, and nothing stays open.
func Open(ctx context.Context, c *config.Config, log *slog.Logger) (*Gateway, error) {
	p := newProcess(c.Transfers, log)
	first, err := newGeneration(ctx, p, c)
	if err != nil {
		return nil, err
	}
	g := &Gateway{process: p, inForce: &inForce{log: log, current: first}, life: newLifecycle(), grace: c.Transfers.Grace}
	g.servers, err = openServers(ctx, p, c, g.inForce)
	if err != nil {
		return nil, g.Abandon(err)
	}
	return g, nil
}

// Servers returns the frontends in the order of the configuration.
func (g *Gateway) Servers() []Server { return g.servers }

// Generation returns the one in force. It is not held.
func (g *Gateway) Generation() *Generation { return g.inForce.get() }

// Health returns the condition of the gateway.
func (g *Gateway) Health() Health {
	state, since := g.life.now()
	return Health{State: state, Since: since, Sessions: g.observe.Sessions.Len(), Generations: len(g.inForce.open())}
}

// Replace puts the backends, tenants and users of another configuration in force,
// without ending a session. Its other parts are not looked at: frontends, transfers and
// log stay as they are. After an error everything stays as it was.
func (g *Gateway) Replace(ctx context.Context, c *config.Config) error {
	next, err := newGeneration(ctx, g.process, c)
	if err != nil {
		return err
	}
	if !g.inForce.replace(next) {
		return errors.Join(errEnded, next.close())
	}
	return nil
}

// errEnded refuses a new configuration at the end of the process.
var errEnded = errors.New("the gateway has ended")

// lastBound is how long everything may take to end when the grace period is over
// and all that was left has been aborted. Stores have things to finish then: they
// ask for ten seconds about a commit whose answer was lost, and remove
// what a directory has been copied from.
const lastBound = 30 * time.Second

// errHangs ends a run in which something does not end. The log says what.
var errHangs = errors.New("gave up waiting for what does not end")

// Serve runs all frontends until ctx ends or one of them fails, which stops the
// others. Backends are closed when all frontends have ended.
//
// What does not end all the same, because of a mistake of ours or of a library, is
// left to the end of the process: a node that never goes away is worse than a
// transfer that is cut.
func (g *Gateway) Serve(ctx context.Context) error {
	// Frontends learn of the end when the log has.
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	for _, s := range g.servers {
		g.log.Info("listening", "frontend", s.Name, "addr", s.Addr().String())
	}
	g.life.on(served)
	g.log.Info("ready")

	result := make(chan error, 1)
	go func() {
		err := g.servers.serve(serving, end)
		result <- errors.Join(err, g.inForce.close())
	}()
	select {
	case <-ctx.Done():
	case <-serving.Done():
	}
	g.life.on(stop)
	g.log.Info("stopping: running transfers may end", "grace", g.grace)
	end()
	return g.await(result)
}

// await waits for the end of everything, as long as it may take.
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
		g.log.Error("giving up: something does not end", "dur", time.Since(begun), "goroutines", goroutines())
		return errHangs
	}
}

// goroutines tells what all goroutines do, those that do the same together.
func goroutines() string {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return err.Error()
	}
	return b.String()
}

// Abandon closes everything without having served, and returns cause with what
// failed meanwhile.
func (g *Gateway) Abandon(cause error) error {
	err := errors.Join(cause, g.servers.close(), g.inForce.close())
	g.life.on(ended)
	return err
}
