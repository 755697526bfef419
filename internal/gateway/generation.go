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

// Generation holds the stores, tenants and logins of one configuration. Its exported fields
// never change.
type Generation struct {
	// Backends have the order of the configuration.
	Backends      []Backend
	Tenants       []*tenant.Tenant
	Authenticator *auth.Authenticator

	// closeOnce closes the backends once, and returns the same error to all callers.
	closeOnce func() error
	closed    chan struct{}

	mu sync.Mutex
	// holds counts the sessions that hold it, and one while it is the current generation.
	holds int
}

// Backend is a store that is open.
type Backend struct {
	vfs.Backend
	// Name is that of the block: "azblob.ingest".
	Name string
	// release cancels the context with which the store was opened.
	release context.CancelFunc
}

// newGeneration opens the backends of a configuration and makes its tenants. The caller
// gets one hold. After an error nothing stays open.
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

// hold keeps the backends open until drop. The caller must make sure that g has a hold
// already.
func (g *Generation) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds++
}

// drop drops one hold. The last one closes the backends and returns their errors.
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

// Holds returns how many sessions hold g, and one more while it is the current generation.
func (g *Generation) Holds() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.holds
}

// Closed is closed when the backends are.
func (g *Generation) Closed() <-chan struct{} { return g.closed }

// close closes the backends, even if g is held.
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
