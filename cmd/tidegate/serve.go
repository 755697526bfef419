package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/memory/heap"
)

// serve runs a configuration until ctx ends.
func (p *program) serve(ctx context.Context, args []string) error {
	flags := newFlags("serve")
	var in input
	path := configFlag(flags)
	envFileFlag(flags, &in.envFiles)
	in.log.add(flags)
	var err error
	if in.path, err = p.parseConfig(flags, path, args); err != nil {
		return err
	}
	if in.path == "-" {
		return usageError{"serve: a reload reads the configuration again, so it cannot come from the standard input", flags.Name()}
	}
	return serveInput(ctx, p, in, func(func()) {})
}

// serveInput runs a configuration until ctx ends. When it serves, it calls ready with a
// function that requests a reload.
func serveInput(ctx context.Context, p *program, in input, ready func(reload func())) error {
	l := in.loadToServe()
	if err := p.reportStart(in, l); err != nil {
		return err
	}
	c := l.config
	level := &slog.LevelVar{}
	level.Set(c.Log.Level)
	log, flush := newGatheredLog(p.stderr, c.Log, level, c.Node.Name)
	defer flush()
	host := hostmemory.Detect()
	log.Info("starting", "version", versionName(), "config", in.path, "config_hash", config.Hash(l.sources), "pid", os.Getpid(),
		"memory", size(c.Transfers.Memory), "host_memory", size(host.Bytes), "cores", runtime.GOMAXPROCS(0))
	signals := catchHangups()
	defer signals.release()
	defer heap.Follow(c.Transfers.Memory, host.Bytes)()
	sockets, started, err := inheritSockets()
	if err != nil {
		return err
	}
	defer sockets.Close()
	if started != nil {
		defer func() { _ = started.Close() }() // it lives as long as this process
	}
	m := newManager(log)
	replacing := newReplacer(log, sockets, m)
	defer replacing.release()
	r := &reloader{in: in, log: log, level: level, current: l, watcher: newWatcher(in, l), manager: m}
	err = serve(ctx, c, log, sockets, func(g *gateway.Gateway) error {
		r.gateway = g
		m.follow(ctx, g)
		replacing.follow(g)
		if started != nil {
			if _, err := started.Write([]byte{0}); err != nil {
				return fmt.Errorf("the process that this one replaces has ended: %w", err)
			}
		}
		signals.reload(r.again, r.look, r.interval)
		g.RunBy(gateway.Program{Version: versionName(), Revision: revisionName(), ConfigHash: config.Hash(l.sources), Reload: signals.request})
		ready(signals.again)
		return nil
	})
	m.wait()
	if startFailed, ok := errors.AsType[*startError](err); ok {
		// A program that reads the log reads no other output.
		log.Error("cannot start", "err", fmt.Errorf("%w%s", startFailed.error, bindHint(err)))
		return errLogged
	}
	return err
}

// reportStart reports the problems of the configuration: to a person as check does, and
// elsewhere as lines of the log, since a program that reads the log reads no other output.
// It returns errReported if there are errors among them.
func (p *program) reportStart(in input, l loaded) error {
	logged, node := config.Log{Level: slog.LevelInfo}, ""
	if l.config != nil {
		logged, node = l.config.Log, l.config.Node.Name
	}
	in.log.apply(&logged)
	if isTerminal(p.stderr) && isText(p.stderr, logged.Format) {
		return p.report(l)
	}
	if node == "" {
		node, _ = os.Hostname()
	}
	log := newLog(p.stderr, logged, logged.Level, node)
	config.LogDiagnostics(log, l.diags)
	n := len(l.diags.Errs())
	if n == 0 {
		return nil
	}
	log.Error("cannot start", "err", fmt.Errorf("the configuration has %s", count(n, "problem")), "config", in.path)
	return errReported
}

// startError is the reason for which the program could not start.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

// serve opens everything, calls ready, and serves until ctx ends.
func serve(ctx context.Context, c *config.Config, log *slog.Logger, sockets *listen.Sockets, ready func(*gateway.Gateway) error) error {
	g, err := gateway.Open(ctx, c, log, sockets)
	if err != nil {
		return &startError{err}
	}
	defer endAtSecondSignal(ctx, log, g)()
	if err := ready(g); err != nil {
		return g.Abandon(err)
	}
	return g.Serve(ctx)
}
