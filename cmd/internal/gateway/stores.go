package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
)

const (
	// openTime is the longest time that the opening of a backend may take.
	openTime = 15 * time.Second
	// openNotice is the interval of log lines about a backend that is still opening.
	openNotice = 10 * time.Second
)

// errSlow is the cause when a backend does not open in time.
var errSlow = &backends.UnreachableError{Err: fmt.Errorf("the store has not answered within %v", openTime)}

// openBackends opens the backends of a configuration. It shares the backends in open whose
// blocks have not changed, and opens the others concurrently, so that several stores without
// an answer delay the start by openTime only once. A backend that cannot be opened is opened
// later where required allows that. The error names all others that cannot be opened. With an
// error, openBackends also returns the backends that were opened, and the caller closes them.
func openBackends(ctx context.Context, p *process, c *config.Config, open []*Backend, required config.Required) ([]*Backend, error) {
	stores := make([]*Backend, len(c.Backends))
	errs := make([]error, len(c.Backends))
	env := func(b *config.Backend) backends.Env {
		return backends.Env{Name: b.Name, Log: p.log.With("backend", backendName(b)), Metrics: p.observe.Metrics, Chunks: p.chunks, Ledger: p.ledger, Memory: p.memory}
	}
	var opening sync.WaitGroup
	for i, b := range c.Backends {
		if stores[i] = shared(open, b); stores[i] != nil {
			continue
		}
		opening.Go(func() {
			e := env(b)
			defer logWaiting(e.Log)()
			stores[i], errs[i] = openBackend(ctx, b, e)
		})
	}
	opening.Wait()
	none := !slices.ContainsFunc(stores, func(b *Backend) bool { return b != nil })
	for i, err := range errs {
		switch {
		case err == nil:
		case ctx.Err() == nil && mayOpenLater(required, err, none):
			stores[i], errs[i] = openLater(ctx, c.Backends[i], env(c.Backends[i]), err), nil
		default:
			errs[i] = fmt.Errorf("backend %s: %w", backendName(c.Backends[i]), err)
		}
	}
	return slices.DeleteFunc(stores, func(b *Backend) bool { return b == nil }), errors.Join(errs...)
}

// mayOpenLater reports whether the process may start although a backend could not be opened
// because of err. none says that none could be opened.
func mayOpenLater(required config.Required, err error, none bool) bool {
	_, unreachable := errors.AsType[*backends.UnreachableError](err)
	switch required {
	case config.RequireValid:
		return unreachable
	case config.RequireAny:
		return !none || unreachable
	case config.RequireAll:
	}
	return false
}

// openBackend opens one backend for one generation. The end of ctx ends the opening, but
// not the context that the backend gets: that one lives until release.
func openBackend(ctx context.Context, b *config.Backend, env backends.Env) (*Backend, error) {
	body, ok := b.Config.(backends.Config)
	if !ok {
		return nil, fmt.Errorf("a %T opens no backend", b.Config)
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	bound := time.AfterFunc(openTime, func() { cancel(errSlow) })
	defer bound.Stop()
	store, err := body.Open(life, env)
	if err != nil {
		if errors.Is(context.Cause(life), errSlow) {
			err = errSlow
		}
		cancel(nil)
		return nil, err
	}
	return &Backend{
		Backend: store, Name: backendName(b), body: b.Config, release: func() { cancel(nil) }, generations: 1,
	}, nil
}

func backendName(b *config.Backend) string { return b.Type + "." + b.Name }

// logWaiting logs periodically that a backend is still opening, until done is called.
func logWaiting(log *slog.Logger) (done func()) {
	begun := time.Now()
	ticker := time.NewTicker(openNotice)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ticker.C:
				log.Warn("backend is still opening", "dur", time.Since(begun))
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
