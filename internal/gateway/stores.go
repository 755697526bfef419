package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
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

// opened are backends in the order of the configuration, and by their blocks.
type opened struct {
	list    []Backend
	byBlock map[*config.Backend]vfs.Backend
}

// openBackends opens all backends side by side, so that one that does not answer
// delays the start by openTime and not by that for each. The error names all that
// cannot be opened; the others are returned all the same, to be closed.
func openBackends(ctx context.Context, p *process, c *config.Config) (opened, error) {
	stores := make([]Backend, len(c.Backends))
	errs := make([]error, len(c.Backends))
	var opening sync.WaitGroup
	for i, b := range c.Backends {
		opening.Go(func() {
			log := p.log.With("backend", backendName(b))
			stores[i], errs[i] = openBackend(ctx, b, backends.Env{Name: b.Name, Log: log, Chunks: p.chunks, Ledger: p.ledger})
		})
	}
	opening.Wait()
	all := opened{byBlock: make(map[*config.Backend]vfs.Backend, len(stores))}
	for i, b := range c.Backends {
		if errs[i] != nil {
			errs[i] = fmt.Errorf("backend %s: %w", backendName(b), errs[i])
			continue
		}
		all.byBlock[b] = stores[i].Backend
		all.list = append(all.list, stores[i])
	}
	return all, errors.Join(errs...)
}

// openBackend opens one backend. The end of ctx ends the opening. What the store has
// opened lives on until it is closed, and so does the context that it gets.
func openBackend(ctx context.Context, b *config.Backend, env backends.Env) (Backend, error) {
	body, ok := b.Config.(backends.Config)
	if !ok {
		return Backend{}, fmt.Errorf("a %T opens no backend", b.Config)
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	bound := time.AfterFunc(openTime, func() { cancel(errSlow) })
	defer bound.Stop()
	defer logWaiting(env.Log)()
	store, err := body.Open(life, env)
	if err != nil {
		if errors.Is(context.Cause(life), errSlow) {
			err = errSlow
		}
		cancel(nil)
		return Backend{}, err
	}
	return Backend{store, backendName(b), func() { cancel(nil) }}, nil
}

func backendName(b *config.Backend) string { return b.Type + "." + b.Name }

// logWaiting logs again and again that a store does not answer, until done is
// called.
func logWaiting(log *slog.Logger) (done func()) {
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
