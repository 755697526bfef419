package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/listen"
)

// errEnded is returned by Reload when the gateway serves no more clients, or has ended.
var errEnded = errors.New("the process stops, so its configuration stays as it was")

// Reload makes c the current configuration, as a whole or, after an error, not at all.
// Existing sessions keep their stores, users and settings. The sessions of users that were
// removed, or whose access has changed, end as on_change says. The blocks node, start and
// transfers and the format of the log are read only at the start: see Changes.AtStart.
//
// Certificates, host keys and the other files that c names are read again. Stores whose
// blocks have not changed stay open. Frontends that c does not have, or that have other
// addresses in c, accept no more connections and end as at a stop.
//
// It waits for the beginning of Serve, and for the end of another Reload.
func (g *Gateway) Reload(ctx context.Context, c *config.Config) (Changes, error) {
	select {
	case <-g.began:
	case <-ctx.Done():
		return Changes{}, ctx.Err()
	}
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if state, since := g.life.now(); state != Serving {
		return Changes{}, fmt.Errorf("%w: %s since %s", errEnded, state, since.UTC().Format(time.RFC3339))
	}
	changes := compare(g.config, c)
	logs, err := g.access.Prepare(c.AccessLogs)
	if err != nil {
		return Changes{}, err
	}
	traceTo, abandonTraces, err := g.openTracing(ctx, c, g.config)
	if err != nil {
		logs.Abandon()
		return Changes{}, err
	}
	abandon := func() {
		logs.Abandon()
		abandonTraces()
	}
	next, err := g.prepare(ctx, c)
	if err != nil {
		abandon()
		return Changes{}, err
	}
	receivers, err := openEvents(ctx, c, g.config)
	if err != nil {
		abandon()
		return Changes{}, errors.Join(err, closeAll(next.opened))
	}
	generation, err := newGeneration(ctx, g.process, c, g.inForce.get())
	if err != nil {
		abandon()
		closeEvents(receivers)
		return Changes{}, errors.Join(err, closeAll(next.opened))
	}
	// From here on only the end of the process can prevent the change. The limits come
	// first, so that no login finds none.
	g.setLimits(c)
	g.events.Set(c.Node.Name, receivers, g.grace)
	if !g.inForce.replace(generation) {
		abandon()
		return Changes{}, errors.Join(errEnded, generation.close(), closeAll(next.opened))
	}
	logs.Apply()
	traceTo()
	for _, apply := range next.apply {
		apply()
	}
	if !g.servers.replace(next.servers) {
		return Changes{}, errors.Join(errEnded, closeAll(next.opened))
	}
	g.config, changes.Keys = c, next.keys
	g.revokeUsers(time.Now())
	for _, wake := range []chan struct{}{g.reloaded, g.replaced} {
		select {
		case wake <- struct{}{}:
		default: // it is requested already
		}
	}
	return changes, nil
}

// prepared has the frontends of a configuration that is not the current one yet.
type prepared struct {
	// servers has all frontends, opened those that were bound for this configuration.
	servers, opened []*Server
	// apply changes the settings of the others.
	apply []func()
	keys  int
}

// prepare prepares the frontends of c. After an error nothing has changed.
func (g *Gateway) prepare(ctx context.Context, c *config.Config) (p prepared, err error) {
	now := g.servers.get()
	for _, f := range c.Frontends {
		s, change, err := g.prepareOne(ctx, now, f, c)
		if err != nil {
			return prepared{}, errors.Join(err, closeAll(p.opened))
		}
		p.servers = append(p.servers, s)
		if change.Apply == nil {
			p.opened = append(p.opened, s)
			continue
		}
		p.apply = append(p.apply, change.Apply)
		p.keys += change.Keys
	}
	return p, nil
}

// prepareOne prepares one frontend: it returns the running one with its next settings, or a
// new one.
func (g *Gateway) prepareOne(ctx context.Context, now []*Server, f *config.Frontend, c *config.Config) (*Server, frontends.Next, error) {
	name := frontendName(f)
	body, ok := f.Config.(frontends.Config)
	i := slices.IndexFunc(now, func(s *Server) bool { return s.Name == name })
	if i < 0 || !ok {
		s, err := openServer(ctx, g, f, c)
		return s, frontends.Next{}, err
	}
	change, err := now[i].Prepare(body)
	var bound *listen.BoundError
	switch {
	case err == nil:
		return now[i], change, nil
	case !errors.As(err, &bound):
		return nil, frontends.Next{}, fmt.Errorf("frontend %s: %w", name, err)
	}
	// A new one can have other ports, beside the present one.
	s, openErr := openServer(ctx, g, f, c)
	if openErr != nil {
		return nil, frontends.Next{}, fmt.Errorf("frontend %s: %w, and the new ones cannot be bound beside them: %w", name, bound, openErr)
	}
	return s, frontends.Next{}, nil
}
