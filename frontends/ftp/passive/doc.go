// Package passive has the ports of passive FTP, which are bound once, and the
// reservations that decide which session a connection to one of them belongs to.
//
// A data connection does not name its session: it shows only the address that it comes from.
// So each port has at most one reservation for each client address. While an address has
// reservations on all ports, a further session of that address waits for a port before one is
// announced to its client.
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
// A reservation without a connection, or without a command for its connection, is revoked:
//
//   - open and claimed: at the end of Patience, if others wait
//   - paused: the same, but at the end of twice Patience
//   - stale and overdue: as soon as others wait, or at the end of Lifetime
//   - connected: at the end of Patience
//
// The end of the Plane closes all reservations. state.next is the transition function.
//
// # When the port is handed on
//
// A reservation holds its port until its connection and its command have both come, which
// takes about one round trip of its client. Before the port goes to the next session, the
// Plane accepts all connections that have arrived at the port (admit). So a connection that
// came before its command, as from nearly all clients, reaches its own session, however busy
// the process is.
//
// A second connection for one reservation shows that the client connects more than once, or
// that another program connects. If the next session got it, the own connection of that
// session would reach the session after it, and so on. So the second connection makes the
// reservation suspect instead. After such trouble with an address, a port stays with its
// reservation for a moment longer, so that a further connection does not reach the next
// session.
//
// A session that can identify its own connection keeps the port until that connection has
// come. All connections that come until then are its candidates.
//
// # When another process gets the ports
//
// The process that replaces this one has the same ports. It uses them when no reservation of
// this one holds a port (handover.go).
//
// # Reservations without a connection
//
// The port of a revoked reservation rests for the address, because the connection may still
// come and would reach the wrong session. Users behind one address have fair shares of the
// ports (internal/fairshare), and a resting port counts for the user of the reservation. The
// next request of that session waits behind all others. A user whose reservations often end
// in this way waits for a while, as long as other users of the address ask for ports
// (breach.go).
//
// The package knows nothing of FTP commands and TLS.
package passive
