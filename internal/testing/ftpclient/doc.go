// Package ftpclient is an FTP client for tests: the conformance suite, line
// conversations and load. It does what a correct client does in few calls
// (Dial, Login, Get, Put, List), and lets a test do by hand, at any moment,
// what a broken client does: send any bytes, read reply by reply, half-close or
// reset a data connection, abort in each of the ways that real clients use,
// vanish.
//
// It is not a client for the world: it trusts the server's replies to be small,
// knows no ASCII conversion and no servers older than RFC 3659. What the server
// says is never repaired, so that a test sees it.
//
// # Use
//
// A Conn is one session. Its methods are called by one goroutine at a time. A
// Transfer is one data connection of it; between its start and its end the
// Conn may be used by the same goroutine for what RFC 959 allows there (ABOR,
// STAT, NOOP).
//
// # Errors
//
// A reply that is not the wanted one is a *ReplyError. Everything else is an
// error of the network or a reply that is no FTP.
//
// # Time
//
// Every single read and write has Options.Timeout, so that nothing hangs; a
// transfer as a whole may take longer. The context of Dial governs the whole
// session: when it ends, all connections of the session are closed.
package ftpclient
