// Package passive has the ports of passive FTP, which are bound once, and the
// reservations that decide which session a connection to one of them belongs to.
//
// A data connection carries nothing that names its session but the address it comes
// from. So each port belongs to at most one reservation for each client address. A
// session that needs a port while its address has them all waits, before the client learns
// of any.
//
//	r, err := plane.Reserve(ctx, clientAddr, owner, false)
//	… tell the client r.Port() …
//	r.Claim(passive.KeepNot)      // its command has come
//	conn, err := r.Accept(ctx)    // its connection has come
//	…
//	r.Release()                   // the transfer has ended
//
// # The life of a reservation
//
//	           Pause/Resume
//	Reserve        ┌──► paused        Patience is over, nobody waits
//	───────► open ◄┘ ───────────────────────────────────────────────► stale
//	          │ │                                                       │ │
//	    Claim │ └───────── connection ──────────┐    ┌── connection ────┘ │ Claim
//	          ▼                                 ▼    ▼                    ▼
//	       claimed ──── Patience is over ──► connected                 overdue
//	          │                                 │                         │
//	          │ connection                      │ Claim        connection │
//	          └───────────────►  both are there ◄─────────────────────────┘
//	                        ┌──────────┼──────────────┐
//	                 kept ◄─┘          │              └─► lingering
//	                   └── MoveOn ───► │ ◄── 20 ms ───────────┘
//	                                   ▼
//	                               handedOn
//
// A reservation that gets no connection, or no command for its connection, is revoked:
// open, paused and claimed at the end of Patience while others wait, stale and overdue as
// soon as others wait and at the end of Lifetime, connected after Patience. The end of
// the Plane closes every one. state.next is the transition function.
//
// # When the port is handed on
//
// A reservation holds its port until its connection and its command are both there,
// which takes about a round trip of its client. Before the port goes to the next
// session, everything that has arrived at it is looked at (admit): a client that
// connects before it sends its command, as nearly all do, is never overtaken by
// another's connection, however busy the process is. A second connection for one
// reservation shows that its client connects more than once, or that another one
// connects. Let through, it would take the next session's place, and so
// on through the whole queue: so it makes the reservation suspect instead. After any such
// trouble the ports of an address linger for a moment with the reservations that have
// them, so that a further connection does not reach the next session.
//
// A session that can identify its own connection keeps the port
// until it has that one: every connection that comes meanwhile is one of its candidates.
//
// # When another process gets the ports
//
// The process that replaces this one has the same ports. It uses them when no reservation of
// this one holds a port (handover.go).
//
// # Reservations without a connection
//
// The port of a revoked reservation rests for the address, because the connection may
// still be on its way and would reach the wrong session. It rests on the account of the
// user: users behind one address have fair shares of the ports (internal/fairshare). The
// session waits behind all others then. A user whose reservations often end so waits for
// a while, as long as other users of the address need ports (breach.go).
//
// The package knows nothing of FTP commands and TLS.
package passive
