package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// openTime bounds how long a backend may take to open.
	openTime = 15 * time.Second
	// openNotice is how often the log says which ones have not.
	openNotice = 10 * time.Second
)

// errSlow is why a backend is given up that does not open in time.
var errSlow = fmt.Errorf("the store has not answered within %v", openTime)

// openBackends opens all backends side by side, so that one that does not answer
// delays the start by openTime and not by that for each. The error names all that
// cannot be opened; the others are in g all the same, to be closed.
func (g *gateway) openBackends(ctx context.Context, c *config.Config) (map[*config.Backend]vfs.Backend, error) {
	chunks := chunk.NewIn(g.memory.Chunks)
	g.ledger.Add(chunks.Uploads())
	stores := make([]vfs.Backend, len(c.Backends))
	errs := make([]error, len(c.Backends))
	var opening sync.WaitGroup
	for i, b := range c.Backends {
		opening.Go(func() {
			log := g.log.With("backend", backendName(b))
			stores[i], errs[i] = openBackend(ctx, b, backends.Env{Name: b.Name, Log: log, Chunks: chunks})
		})
	}
	opening.Wait()
	byBlock := make(map[*config.Backend]vfs.Backend, len(stores))
	for i, b := range c.Backends {
		if errs[i] != nil {
			errs[i] = fmt.Errorf("backend %s: %w", backendName(b), errs[i])
			continue
		}
		byBlock[b] = stores[i]
		g.backends = append(g.backends, openedBackend{stores[i], backendName(b)})
	}
	return byBlock, errors.Join(errs...)
}

// openBackend opens one backend. Its context outlives the opening: some stores
// keep it for what they do later.
func openBackend(ctx context.Context, b *config.Backend, env backends.Env) (vfs.Backend, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	bound := time.AfterFunc(openTime, func() { cancel(errSlow) })
	defer bound.Stop()
	defer tellWaiting(env.Log)()
	store, err := b.Config.(backends.Config).Open(ctx, env)
	if err != nil {
		if errors.Is(context.Cause(ctx), errSlow) {
			err = errSlow
		}
		cancel(nil)
	}
	return store, err
}

func backendName(b *config.Backend) string { return b.Type + "." + b.Name }

// tellWaiting says again and again that a store does not answer, until done is
// called.
func tellWaiting(log *slog.Logger) (done func()) {
	begun := time.Now()
	ticker := time.NewTicker(openNotice)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ticker.C:
				log.Warn("the store does not answer yet", "dur", time.Since(begun))
			case <-stop:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(stop)
		<-stopped
	}
}
