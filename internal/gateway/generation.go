package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// Generation is what one configuration gives to its users. Its exported fields never
// change.
type Generation struct {
	// Backends stand in the order of the configuration.
	Backends      []Backend
	Tenants       []*tenant.Tenant
	Authenticator *auth.Authenticator

	// closeOnce closes the backends once, and returns to all callers what failed.
	closeOnce func() error
	closed    chan struct{}

	mu sync.Mutex
	// holds counts the sessions that keep it, and one for being in force.
	holds int
}

// Backend is a store that is open.
type Backend struct {
	vfs.Backend
	// Name is that of the block: "azblob.ingest".
	Name string
	// release ends the context that the store may have kept.
	release context.CancelFunc
}

// newGeneration opens the backends of a configuration and makes its tenants. The
// caller holds what it returns. After an error nothing stays open.
func newGeneration(ctx context.Context, p *process, c *config.Config) (*Generation, error) {
	opened, err := openBackends(ctx, p, c)
	g := &Generation{Backends: opened.list, closed: make(chan struct{}), holds: 1}
	g.closeOnce = sync.OnceValue(g.closeBackends)
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	var accounts []auth.Account
	if g.Tenants, accounts, err = makeTenants(c, opened.byBlock); err != nil {
		return nil, errors.Join(err, g.close())
	}
	if g.Authenticator, err = auth.NewShared(accounts, p.hashing); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// hold keeps the backends open until drop. The caller must know that somebody else
// holds g.
func (g *Generation) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds++
}

// drop takes one hold back. The last one closes the backends, and returns what
// failed.
func (g *Generation) drop() error {
	g.mu.Lock()
	g.holds--
	last := g.holds == 0
	g.mu.Unlock()
	if last {
		return g.close()
	}
	return nil
}

// Holds returns how many sessions keep g, and one more while it is in force.
func (g *Generation) Holds() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.holds
}

// Closed is closed when the backends are.
func (g *Generation) Closed() <-chan struct{} { return g.closed }

// close closes the backends, whoever holds g.
func (g *Generation) close() error { return g.closeOnce() }

// closeBackends closes the backends, the last one first.
func (g *Generation) closeBackends() error {
	defer close(g.closed)
	var errs []error
	for i := len(g.Backends) - 1; i >= 0; i-- {
		b := g.Backends[i]
		if err := b.Close(); err != nil {
			errs = append(errs, fmt.Errorf("backend %s: %w", b.Name, err))
		}
		b.release()
	}
	return errors.Join(errs...)
}
