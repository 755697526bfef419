// Package fairshare is the ledger of the scarce things of a process. It records how
// much each client holds, and decides which one may have more.
//
// A Resource has a capacity in units of its own: slots, bytes, KiB. A caller that takes
// some of it names a Holder: the tenant, the user and the connection, or before a
// login the client's address. The Ledger keeps one tree of holders for each
// resource:
//
//	               capacity
//	       ┌──────────┼───────────────┐
//	    tenant      tenant     address (before a login)
//	    ┌──┴──┐       │               │
//	  user  user    user              │
//	  ┌─┴─┐   │       │               │
//	conn conn conn  conn            conn
//
// The capacity is shared at each level: among tenants and addresses, then among a
// tenant's users, then among a user's connections. A user with a hundred connections
// has the share of one user.
//
// There are three ways to take something:
//
//   - Acquire waits, and so does Request for a caller that waits for other things too.
//     It is for what is given back soon, such as a processor. A
//     holder may have all of the capacity while no other waits. When something
//     becomes free, the waiting holder that has the least is served, at each level of
//     the tree, and among equals the one that was served longest ago. So a holder that
//     has more than its share waits while others wait, and no holder waits for ever.
//     LeaveRoom is for a resource that may be held for long nevertheless: a user that has
//     some of it, and a tenant, leave room for those that have none.
//     AcquireBriefly is for what is taken thousands of times in a second. A user that
//     is alone may have more than the capacity with it.
//   - TryAcquire does not wait. It is for what may be held for long, such as an open
//     file, and keeps a reserve: at each level a holder gets at most seven eighths of
//     what the other holders of that level leave. So a holder alone has nearly all,
//     several that want all have equal parts in the end, and something is always left
//     for the next one.
//   - Displace does not wait either, and is for what can be taken back, such as a
//     connection that has not logged in. When nothing is left, a lease of the
//     holder that has the most is revoked.
//
// The limits of TryAcquire are the dynamic thresholds of shared packet buffers
// (Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
// Switches", 1998), applied at each level of the tree.
//
// The zero Holder stands for the process itself. It has no share: only the capacity
// limits it.
//
// # Usage
//
//	hashing := ledger.Resource("hash", int64(runtime.GOMAXPROCS(0)))
//	…
//	lease, err := hashing.Acquire(ctx, session.HolderOf(ctx), 1)
//	if err != nil {
//		return err // of ctx
//	}
//	defer lease.Release()
//
// docs/limits.md lists the resources of the process.
//
// # What it is not
//
// It holds nothing itself and knows neither protocols nor stores. It limits how much
// is held at once, not how much is used in a time: it is no rate limiter.
package fairshare
