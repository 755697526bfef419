// Package limits enforces the limits of tenants and users: sessions, transfers, requests to
// stores, bandwidth, and the bytes of uploads.
//
// A process has one Registry. It holds the limits and the counters of each tenant and each
// user, over all frontends, and outlives every configuration: Set changes the limits of
// running sessions and transfers too, and no counter begins again.
//
//	registry := limits.NewRegistry()
//	registry.Set(map[limits.Owner]limits.Limits{{Tenant: "acme"}: {Sessions: 200}})
//	account := registry.Account("acme", "camera-01")
//	…
//	leave, err := account.Session()
//	if err != nil {
//		return err // *vfs.Error, with a *Reached in its chain
//	}
//	defer leave()
//
// An Account is one user together with the tenant: what the user does counts for both, and
// the limits of both apply. It is the vfs.Limiter of the user's View, so each byte that is
// read or written for the user passes here, whatever the protocol is. The methods of a nil
// Account limit nothing.
//
// # Bandwidth
//
// Each owner has one token bucket for each direction. A transfer takes tokens in units of
// Quantum, whatever the sizes of its reads and writes are. Concurrent transfers get equal parts,
// because a bucket serves requests in the order in which they come, and the requests are equal.
// Tokens are taken after the bytes have moved, and for the last bytes of a file when it is
// closed. So a small file takes no more tokens than it has bytes, and the next transfer waits
// until the tokens of the last one are paid.
//
// # What it is not
//
// It does not share what is scarce in the whole process: internal/fairshare does. It counts
// on this node alone: nodes share no state.
package limits
