package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/auth"
)

// Server is a frontend whose ports are bound.
type Server struct {
	frontends.Server
	// Name is that of the block: "ftp.public".
	Name string
}

// servers has the servers of a Gateway, in the order of the configuration.
type servers []Server

// openServers binds all ports. With an error it returns the servers whose ports are bound.
func openServers(ctx context.Context, p *process, c *config.Config, logins auth.Source) (servers, error) {
	all := make(servers, 0, len(c.Frontends))
	for _, f := range c.Frontends {
		name := f.Type + "." + f.Name
		body, ok := f.Config.(frontends.Config)
		if !ok {
			return all, fmt.Errorf("frontend %s: a %T opens no frontend", name, f.Config)
		}
		server, err := body.Open(ctx, frontends.Env{
			Name: f.Name, Log: p.log.With("frontend", name), Observe: p.observe, Auth: logins,
			Ledger: p.ledger, Memory: p.memory, Grace: c.Transfers.Grace,
		})
		if err != nil {
			return all, fmt.Errorf("frontend %s: %w", name, err)
		}
		all = append(all, Server{server, name})
	}
	return all, nil
}

// serve runs all servers until ctx ends. It calls failed when one ends, and returns when
// all have ended.
func (all servers) serve(ctx context.Context, failed func()) error {
	errs := make([]error, len(all))
	var running sync.WaitGroup
	for i, s := range all {
		running.Go(func() {
			// A server that ends before ctx has failed.
			defer failed()
			if err := s.Serve(ctx); err != nil {
				errs[i] = fmt.Errorf("frontend %s: %w", s.Name, err)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// close closes the ports of servers that have not served.
func (all servers) close() error {
	ended, end := context.WithCancel(context.Background())
	end()
	// Serving under a context that has ended only closes the ports.
	return all.serve(ended, func() {})
}
