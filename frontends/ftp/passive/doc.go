// Package passive is the data plane of passive FTP: ports that are bound once,
// and offers that tell which session a connection to one of them belongs to.
//
// A data connection carries nothing that names its session but the address it
// comes from. So each port has at most one holder for each client address: the
// offer that was promised last. A session that asks for a port while its address
// has them all waits for its turn, before the client is told of any.
//
// # When the port goes on
//
// An offer holds its port until its connection and its command are both there,
// which takes about a round trip of its client. Before the port goes to the next
// session, everything that has arrived at it is looked at (admit): a client that
// connects before it sends its command, as nearly all do, is never overtaken by
// another's connection, however busy the process is. A second connection for one
// promise shows that its client connects more often than it was promised, or that
// somebody else does. Let through, it would take the next session's place, and so
// on through the whole queue: so it makes the offer suspect instead. After any such
// trouble an address's ports linger for a moment with the offer that has them, so
// that what still comes does not fall to the next session.
//
// A session that can tell by itself which connection is its own keeps the port
// until it has: every connection that comes meanwhile is one of its candidates.
//
// # Promises that were broken
//
// An offer that nobody takes is revoked, sooner when others wait, and its
// session queues behind all others then. A port whose offer ended without a
// connection is not offered to that address for a while, because the connection may
// still be on its way and would reach the wrong session.
//
// The package knows nothing of FTP commands, TLS or users.
package passive
