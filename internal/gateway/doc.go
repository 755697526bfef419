// Package gateway runs a configuration: it opens the stores, makes the tenants, binds
// the ports, serves, and ends all of it. It is the one package that knows every
// frontend and every backend (registry.go).
//
// # Usage
//
//	c, diags := config.Load(sources, gateway.Registry(), hostmemory.Detect())
//	…
//	g, err := gateway.Open(ctx, c, log)
//	if err != nil {
//		return err // nothing stays open
//	}
//	return g.Serve(ctx) // until ctx ends and everything else has
//
// # Generations
//
// What can be replaced while the process runs is a Generation: the open backends, the
// tenants whose mounts lead to them, and the Authenticator that knows the users. It
// never changes. A Generation is held by the gateway while it is in force, and by each
// session that has logged in with it. The last one that lets go closes its backends:
//
//	Open, Replace              Replace, stop             the last hold is dropped
//	─────────────▶ in force ───────────────▶ replaced ───────────────────────────▶ closed
//	                new logins                no new logins
//
// So Replace drops no session: those that were there keep their stores and rights, and
// new logins get the new ones. Listeners, sessions, metrics, the memory of transfers
// and the ledger belong to the process and stay.
//
// # The life of a gateway
//
//	starting ── served ──▶ serving ── stop ──▶ draining ── everything has ended ──▶ stopped
//	    │                                          │
//	    │                                          └── something does not end ──▶ hung
//	    └── given up ──────────────────────────────────────────────────────────▶ stopped
//
// A stop comes from the context of Serve, or from a frontend that fails. Running
// transfers then have the grace period.
//
// # What it is not
//
// It reads no files, no flags and no signals, and prints nothing: that is cmd/tidegate.
//
// Lock order: inForce.mu, then Generation.mu. Nothing is called under either but what
// takes the second. lifecycle.mu is taken alone.
package gateway
