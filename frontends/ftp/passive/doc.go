// Package passive is the data plane of passive FTP: ports that are bound once,
// and offers that tell which session a connection to one of them belongs to.
//
// A data connection carries nothing that names its session but the address it
// comes from. So there is at most one open offer for each client address and
// port, and a session that asks for one while its address has them all waits
// for its turn, before the client is told of any port. The wait is about a
// round trip of the client before it: an offer is done with when both its
// connection and its command are there. A second connection between the two shows
// that this client connects more often than it was promised, or that somebody else
// does; let through, it would take the next session's place, and so on through the
// whole queue. So it makes the first one suspect.
//
// An offer that nobody takes is revoked, sooner when others wait. A port whose
// offer ended without a connection is not offered to that address for a while,
// because the connection may still be on its way and would reach the wrong
// session.
//
// The package knows nothing of FTP commands, TLS or users.
package passive
