// Package memory is the memory that a process may use to hold bytes for clients and stores: one
// Budget. Every buffer is counted by a lease of that Budget.
//
// A Budget is divided into parts, one for each kind of buffer. A Part has a reserve,
// which nobody else gets, and a ceiling. Between the two it takes what is free:
//
//	limit ┌──────────────────────────────┬───────┬───────┬──────────┐
//	      │ reserve of part A            │ of B  │ of C  │   free   │
//	      └──────────────────────────────┴───────┴───────┴──────────┘
//
// So memory that a transfer needs of the reserve of B never waits for memory that others hold
// of A.
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
// Some holders of leases need more memory before they can release any: an upload whose first
// bytes are missing keeps all bytes that follow. If each of many such leases held a part of the
// memory that it needs and waited for the rest, none could continue. Limits.Whole is the most
// that one lease can need. A part with a Whole keeps so much memory apart, for one lease at a
// time: the lease that has waited longest. That lease can continue whatever the others hold, and
// the memory that it releases lets the next one continue.
//
// # What it is not
//
// It counts memory and does not allocate any. It knows no users: internal/fairshare shares
// resources among them.
package memory
