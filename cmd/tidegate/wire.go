package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// gateway is everything that one configuration runs: its backends are open and
// all its ports are bound.
type gateway struct {
	log *slog.Logger
	// ledger counts what tenants, users and connections hold.
	ledger *fairshare.Ledger
	// memory is the budget of the process.
	memory *memory.Parts
	// grace is how long running transfers may go on after the stop.
	grace    time.Duration
	backends []openedBackend
	servers  []boundServer
}

type openedBackend struct {
	vfs.Backend
	name string
}

type boundServer struct {
	frontends.Server
	name string
}

// open opens all backends, then binds all ports. When something fails, nothing
// stays open.
func open(ctx context.Context, c *config.Config, log *slog.Logger) (*gateway, error) {
	g := &gateway{log: log, ledger: fairshare.New(), memory: memory.Divide(c.Transfers.Memory), grace: c.Transfers.Grace}
	stores, err := g.openBackends(ctx, c)
	if err != nil {
		return nil, g.abandon(err)
	}
	list, err := accounts(c, stores)
	if err != nil {
		return nil, g.abandon(err)
	}
	hashing := auth.NewHashing(g.memory.Hashes.Most())
	g.ledger.Add(hashing.Resource())
	logins, err := auth.NewShared(list, hashing)
	if err != nil {
		return nil, g.abandon(err)
	}
	observed := observe.Shared{Sessions: session.NewRegistry(), Metrics: metrics.New()}
	for _, f := range c.Frontends {
		name := f.Type + "." + f.Name
		server, err := f.Config.(frontends.Config).Open(ctx, frontends.Env{
			Name: f.Name, Log: log.With("frontend", name), Observe: observed, Auth: logins, Ledger: g.ledger, Memory: g.memory, Grace: g.grace,
		})
		if err != nil {
			return nil, g.abandon(fmt.Errorf("frontend %s: %w", name, err))
		}
		g.servers = append(g.servers, boundServer{server, name})
	}
	return g, nil
}

// lastBound is how long everything may take to end when the grace period is over
// and all that was left has been aborted. Stores have things to finish then: they
// look for ten seconds what became of a commit whose answer was lost, and remove
// what a directory has been copied from.
const lastBound = 30 * time.Second

// errHangs ends a run in which something does not end. What, stands in the log.
var errHangs = errors.New("gave up waiting for what does not end")

// serve runs all servers until ctx ends or one of them fails, which stops the
// others. Backends are closed when all servers have ended, the last one first.
//
// What does not end all the same, because of a mistake of ours or of a library, is
// left to the end of the process: a node that never goes away is worse than a
// transfer that is cut.
func (g *gateway) serve(ctx context.Context) error {
	// Servers learn of the end when the log has.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	for _, s := range g.servers {
		g.log.Info("listening", "frontend", s.name, "addr", s.Addr().String())
	}
	g.log.Info("ready")

	errs := make([]error, len(g.servers))
	var running sync.WaitGroup
	for i, s := range g.servers {
		running.Go(func() {
			// A server ends on its own only by failing.
			defer stop()
			if err := s.Serve(serving); err != nil {
				errs[i] = fmt.Errorf("frontend %s: %w", s.name, err)
			}
		})
	}
	select {
	case <-ctx.Done():
	case <-serving.Done():
	}
	start := time.Now()
	g.log.Info("stopping: running transfers may end", "grace", g.grace)
	stop()
	ended := make(chan error, 1)
	go func() {
		running.Wait()
		ended <- errors.Join(append(errs, g.close())...)
	}()
	last := time.NewTimer(g.grace + lastBound)
	defer last.Stop()
	select {
	case err := <-ended:
		g.log.Info("stopped", "dur", time.Since(start))
		return err
	case <-last.C:
		g.log.Error("giving up: something does not end", "dur", time.Since(start), "goroutines", goroutines())
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

// abandon closes everything without having served, and returns cause with what
// failed meanwhile.
func (g *gateway) abandon(cause error) error {
	ended, end := context.WithCancel(context.Background())
	end()
	errs := []error{cause}
	for _, s := range g.servers {
		// Serving under a context that has ended only closes the ports.
		errs = append(errs, s.Serve(ended))
	}
	return errors.Join(append(errs, g.close())...)
}

func (g *gateway) close() error {
	var errs []error
	for i := len(g.backends) - 1; i >= 0; i-- {
		if err := g.backends[i].Close(); err != nil {
			errs = append(errs, fmt.Errorf("backend %s: %w", g.backends[i].name, err))
		}
	}
	return errors.Join(errs...)
}
