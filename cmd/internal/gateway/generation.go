package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/auth/external"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
)

// Generation holds the stores, tenants and logins of one configuration. Its exported fields
// never change.
type Generation struct {
	// Backends have the order of the configuration.
	Backends      []*Backend
	Tenants       []*tenant.Tenant
	Authenticator *auth.Authenticator

	// services are the clients of the external services.
	services map[*config.Authority]*external.Client
	// access has what decides about the logins of each user, users the users.
	access map[session.User]accessOf
	users  map[session.User]*tenant.User
	// expiring has what ends at a time, beside what frontends and backends have.
	expiring []expiry.Thing

	// closeOnce closes the backends once, and returns the same error to all callers.
	closeOnce func() error
	closed    chan struct{}

	mu sync.Mutex
	// holds counts the sessions that hold it, and one while it is the current generation.
	holds int
}

// newGeneration opens the backends of a configuration and makes its tenants. It shares the
// backends of before whose blocks have not changed; before may be nil. The caller gets one
// hold. After an error nothing stays open.
func newGeneration(ctx context.Context, p *process, c *config.Config, before *Generation) (*Generation, error) {
	var open []*Backend
	required := c.Start.RequireBackends
	if before != nil {
		// After a failed reload the old stores go on. They may be the better ones.
		open, required = before.Backends, config.RequireAll
	}
	stores, err := openBackends(ctx, p, c, open, required)
	g := generationOf(stores)
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	var accounts []auth.Account
	if g.Tenants, accounts, err = makeTenants(c, g.Backends, p.limits, p.events.Changed); err != nil {
		return nil, errors.Join(err, g.close())
	}
	if g.services, err = openAuthorities(p, c); err != nil {
		return nil, errors.Join(err, g.close())
	}
	if g.Authenticator, err = auth.NewShared(directory(p, c, accounts, g.Tenants, g.services), p.hashing); err != nil {
		return nil, errors.Join(err, g.close())
	}
	g.expiring = expiringOf(c)
	g.access, g.users = access(c), make(map[session.User]*tenant.User, len(accounts))
	for _, t := range g.Tenants {
		for _, u := range t.Users {
			g.users[session.User{Tenant: auth.Fold(t.Name), Name: auth.Fold(u.Name)}] = u
		}
	}
	if before != nil {
		g.Authenticator.Inherit(before.Authenticator)
	}
	return g, nil
}

// generationOf returns a Generation without tenants. The caller gets one hold.
func generationOf(stores []*Backend) *Generation {
	g := &Generation{Backends: stores, closed: make(chan struct{}), holds: 1}
	g.closeOnce = sync.OnceValue(g.closeBackends)
	return g
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

// closeBackends closes the backends that no other generation shares, the last one first.
func (g *Generation) closeBackends() error {
	defer close(g.closed)
	for _, s := range g.services {
		s.Close()
	}
	var errs []error
	for _, b := range slices.Backward(g.Backends) {
		if err := b.leave(); err != nil {
			errs = append(errs, fmt.Errorf("backend %s: %w", b.Name, err))
		}
	}
	return errors.Join(errs...)
}
