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
	"github.com/tidegate/tidegate/internal/auth"
)

// Server is a frontend whose ports are bound.
type Server struct {
	frontends.Server
	// Name is the name of the block: "ftp.public".
	Name string
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
	// serving is the context of all servers, since begin.
	serving context.Context
	// failed is called when a server ends that was not stopped.
	failed func()
	// over is true when no server may start any more.
	over    bool
	running sync.WaitGroup
	errs    []error
}

// openServer binds the ports of a frontend.
func openServer(ctx context.Context, p *process, f *config.Frontend, c *config.Config, logins auth.Source) (*Server, error) {
	name := frontendName(f)
	body, ok := f.Config.(frontends.Config)
	if !ok {
		return nil, fmt.Errorf("frontend %s: a %T opens no frontend", name, f.Config)
	}
	server, err := body.Open(ctx, frontends.Env{
		Name: f.Name, Log: p.log.With("frontend", name), Observe: p.observe, Auth: logins,
		Ledger: p.ledger, Memory: p.memory, Grace: c.Transfers.Grace,
	})
	if err != nil {
		return nil, fmt.Errorf("frontend %s: %w", name, err)
	}
	return &Server{Server: server, Name: name}, nil
}

func frontendName(f *config.Frontend) string { return f.Type + "." + f.Name }

// openServers binds all ports. With an error it returns the servers whose ports are bound.
func openServers(ctx context.Context, p *process, c *config.Config, logins auth.Source) ([]*Server, error) {
	var all []*Server
	for _, f := range c.Frontends {
		s, err := openServer(ctx, p, f, c, logins)
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

// begin runs all servers until ctx ends. failed is called when one ends before.
func (all *servers) begin(ctx context.Context, failed func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.serving, all.failed = ctx, failed
	for _, s := range all.list {
		all.start(s)
	}
}

// wait waits for the end of the context of begin and of all servers, including replaced
// ones, and returns their errors.
func (all *servers) wait() error {
	<-all.serving.Done()
	all.mu.Lock()
	all.over = true
	all.mu.Unlock()
	all.running.Wait()
	return errors.Join(all.errs...)
}

// start runs one server. mu must be held.
func (all *servers) start(s *Server) {
	ctx, stop := context.WithCancel(all.serving)
	s.stop = stop
	all.log.Info("listening", "frontend", s.Name, "addr", s.Addr().String())
	all.running.Go(func() {
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
