package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/gateway"
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
	log := newLog(p.stderr, c.Log).With("node", c.Node.Name)
	log.Info("starting", "version", versionName(), "config", rest[0], "pid", os.Getpid(),
		"memory", size(c.Transfers.Memory), "cores", runtime.GOMAXPROCS(0))
	restore := surviveHangups(log)
	defer restore()
	err = serve(ctx, c, log, func(*gateway.Gateway) error { return nil })
	if startFailed, ok := errors.AsType[*startError](err); ok {
		// Whoever reads the log by program does not read anything else.
		log.Error("cannot start", "err", fmt.Errorf("%w%s", startFailed.error, bindHint(err)))
		return errLogged
	}
	return err
}

// startError is why nothing is served.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

// serve opens everything, calls ready, and serves until ctx ends.
func serve(ctx context.Context, c *config.Config, log *slog.Logger, ready func(*gateway.Gateway) error) error {
	g, err := gateway.Open(ctx, c, log)
	if err != nil {
		return &startError{err}
	}
	if err := ready(g); err != nil {
		return g.Abandon(err)
	}
	return g.Serve(ctx)
}
