// Package memory is the memory that a process may use to hold bytes for clients and
// stores: one Budget, of which everything that buffers takes leases.
//
// A Budget is divided into parts, one for each kind of buffer. A Part has a reserve,
// which nobody else gets, and a ceiling. Between the two it takes what is free:
//
//	limit ┌──────────────────────────────┬───────┬───────┬──────────┐
//	      │ reserve of part A            │ of B  │ of C  │   free   │
//	      └──────────────────────────────┴───────┴───────┴──────────┘
//
// So what one transfer needs of B never waits for what others hold of A.
//
// # Usage
//
//	budget := memory.New(256 << 20)
//	writes := budget.Part("out-of-order writes", memory.Limits{Reserve: 16 << 20, Most: 32 << 20, Whole: 2 << 20})
//	…
//	lease := writes.Open()
//	defer lease.Close()
//	if err := lease.Acquire(ctx, n); err != nil {
//		return err // of ctx
//	}
//	defer lease.Release(n)
//
// # Holding while waiting
//
// Some users need more before they can give anything back: an upload whose first
// bytes are missing keeps all that follow. If each of many such leases held a part of
// what it needs and waited for the rest, none would go on. Limits.Whole is the most
// that one lease can need. A part with a Whole keeps so much apart, for one lease at
// a time: the one that has waited longest. It can go on whatever the others hold, and
// what it gives back lets the next one go on.
//
// # What it is not
//
// It counts and allocates nothing. It does not know users: shares between them are
// the business of internal/fairshare.
package memory
