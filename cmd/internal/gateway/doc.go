// Package gateway runs a configuration: it opens the stores, makes the tenants, binds the
// ports, serves, and closes everything. It is the only package that knows every frontend
// and every backend (registry.go).
//
// # Usage
//
//	c, diags := config.Load(sources, gateway.Registry(), hostmemory.Detect())
//	…
//	g, err := gateway.Open(ctx, c, log, nil)
//	if err != nil {
//		return err // nothing stays open
//	}
//	return g.Serve(ctx) // until ctx ends and everything else has
//
// # Generations
//
// A Generation is the part of the configuration that can be replaced while the process
// runs: the open backends, the tenants with their mounts, and the Authenticator of the
// users. It is immutable. The gateway holds the current Generation, and each session holds
// the one that it has logged in with. When the last hold is dropped, the backends are
// closed, except those that a later Generation shares because their blocks have not
// changed:
//
//	Open, Reload               Reload, stop              the last hold is dropped
//	─────────────▶ in force ───────────────▶ replaced ───────────────────────────▶ closed
//	                new logins                no new logins
//
// Existing sessions keep their stores and rights, and new logins get the new ones. Reload
// ends only sessions of users that were removed or whose access has changed, as their
// on_change says (revoke.go). Sessions, metrics, the memory of transfers and the ledger
// belong to the process and are not replaced. Neither are frontends, which give new
// settings to new connections. A frontend that was removed, or that listens elsewhere now,
// ends as at a stop.
//
// # The life of a gateway
//
//	starting ── served ──▶ serving ── stop ──▶ draining ── everything has ended ──▶ stopped
//	    │                                          │
//	    │                                          └── a part does not end ──▶ hung
//	    └── abandoned ─────────────────────────────────────────────────────────▶ stopped
//
// The end of Serve's context, an operator, an event that Azure has scheduled for the machine,
// or a frontend that fails, starts a stop. After drain_delay, in which clients are served as
// before, running transfers get the grace period. lifecycle.on is the only transition
// function.
//
// # What it is not
//
// It reads no files, no flags and no signals, and prints nothing: that is cmd/tidegate.
//
// Lock order: Gateway.reloading first, then inForce.mu, then Generation.mu. Callbacks run
// without a lock; only a reload runs under Gateway.reloading. servers.mu, Backend.mu,
// operation.mu and lifecycle.mu are never held together with another lock.
package gateway
