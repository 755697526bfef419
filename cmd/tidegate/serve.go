package main

import (
	"context"
	"log/slog"

	"github.com/tidegate/tidegate/config"
)

// serve runs a configuration until ctx ends.
func (p *program) serve(ctx context.Context, args []string) error {
	rest, err := p.parse(newFlags("serve"), args, 1, 1)
	if err != nil {
		return err
	}
	c, err := p.load(rest[0], true)
	if err != nil {
		return err
	}
	log := newLog(p.stderr, c.Log)
	restore := surviveHangups(log)
	defer restore()
	return serve(ctx, c, log, func(*gateway) error { return nil })
}

// serve opens everything, calls ready, and serves until ctx ends.
func serve(ctx context.Context, c *config.Config, log *slog.Logger, ready func(*gateway) error) error {
	g, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	if err := ready(g); err != nil {
		return g.abandon(err)
	}
	return g.serve(ctx)
}
