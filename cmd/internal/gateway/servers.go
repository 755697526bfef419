package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
)

// Server is a frontend whose ports are bound.
type Server struct {
	frontends.Server
	// Name is the name of the block: "ftp.public".
	Name string
	// operators is true when it serves until all others have ended and events are delivered.
	operators bool
	// stop ends Serve. It is nil before.
	stop context.CancelFunc
}

// servers has the servers of a Gateway. mu is never held together with another lock. Only
// start and stop of a Server are called under it.
type servers struct {
	log *slog.Logger

	mu sync.Mutex
	// list has the servers that accept connections, in the order of the configuration.
	list []*Server
	// serving is the context of the servers for users, and lasting the context of the servers
	// for operators. Both are set by begin.
	serving, lasting context.Context
	// failed is called when a server ends that was not stopped.
	failed func()
	// over is true when no server may start any more.
	over bool
	// running counts the servers for users, operators the servers for operators.
	running, operators sync.WaitGroup
	// last ends those for operators.
	last context.CancelFunc
	errs []error
}

// openServer binds the ports of a frontend.
func openServer(ctx context.Context, g *Gateway, f *config.Frontend, c *config.Config) (*Server, error) {
	name := frontendName(f)
	body, ok := f.Config.(frontends.Config)
	if !ok {
		return nil, fmt.Errorf("frontend %s: a %T opens no frontend", name, f.Config)
	}
	server, err := body.Open(ctx, frontends.Env{
		Name: f.Name, Log: g.log.With("frontend", name), Observe: g.observe, Auth: g.inForce,
		Ledger: g.ledger, Memory: g.memory, Sockets: g.sockets, Grace: c.Transfers.Grace, Process: operated{g},
	})
	if err != nil {
		return nil, fmt.Errorf("frontend %s: %w", name, err)
	}
	_, operators := f.Config.(config.ForOperators)
	return &Server{Server: server, Name: name, operators: operators}, nil
}

func frontendName(f *config.Frontend) string { return f.Type + "." + f.Name }

// openServers binds all ports. With an error it returns the servers whose ports are bound.
func openServers(ctx context.Context, g *Gateway, c *config.Config) ([]*Server, error) {
	var all []*Server
	for _, f := range c.Frontends {
		s, err := openServer(ctx, g, f, c)
		if err != nil {
			return all, err
		}
		all = append(all, s)
	}
	return all, nil
}

// get returns the servers that accept connections.
func (all *servers) get() []*Server {
	all.mu.Lock()
	defer all.mu.Unlock()
	return slices.Clone(all.list)
}

// begin runs all servers until ctx ends, and those for operators until the others have ended
// too. failed is called when one ends before.
func (all *servers) begin(ctx context.Context, failed func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.serving, all.failed = ctx, failed
	all.lasting, all.last = context.WithCancel(context.WithoutCancel(ctx))
	for _, s := range all.list {
		all.start(s)
	}
}

// wait waits for the end of the context of begin and of all servers, including replaced
// ones, and returns their errors. Before those for operators end, it calls deliver.
func (all *servers) wait(deliver func()) error {
	<-all.serving.Done()
	all.mu.Lock()
	all.over = true
	all.mu.Unlock()
	all.running.Wait()
	deliver()
	all.last()
	all.operators.Wait()
	return errors.Join(all.errs...)
}

// start runs one server. mu must be held.
func (all *servers) start(s *Server) {
	life, running := all.serving, &all.running
	if s.operators {
		life, running = all.lasting, &all.operators
	}
	ctx, stop := context.WithCancel(life)
	s.stop = stop
	attrs := []slog.Attr{slog.String("frontend", s.Name), slog.String("addr", s.Addr().String())}
	if d, ok := s.Server.(frontends.Described); ok {
		attrs = append(attrs, d.Describe()...)
	}
	all.log.LogAttrs(ctx, slog.LevelInfo, "listening", attrs...)
	running.Go(func() {
		defer stop()
		err := s.Serve(ctx)
		if ctx.Err() == nil {
			// A server that ends before ctx has failed.
			all.failed()
		}
		if err != nil {
			all.mu.Lock()
			all.errs = append(all.errs, fmt.Errorf("frontend %s: %w", s.Name, err))
			all.mu.Unlock()
		}
	})
}

// replace makes next the list of servers. New servers start to serve. Servers that are not
// in next accept no more connections and end as at a stop. It returns false after the end.
func (all *servers) replace(next []*Server) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.over {
		return false
	}
	for _, s := range next {
		if s.stop == nil {
			all.start(s)
		}
	}
	for _, s := range all.list {
		if !slices.Contains(next, s) {
			all.log.Info("listener closed", "frontend", s.Name, "addr", s.Addr().String())
			s.stop()
		}
	}
	all.list = next
	return true
}

// closeAll closes the ports of servers that have not served.
func closeAll(all []*Server) error {
	ended, end := context.WithCancel(context.Background())
	end()
	var errs []error
	for _, s := range all {
		// Serving under a context that has ended only closes the ports.
		errs = append(errs, s.Serve(ended))
	}
	return errors.Join(errs...)
}
