// Package ftp is the FTP frontend: RFC 959 with the extensions of RFC 2228,
// 2428, 3659 and 4217, over a vfs.View.
//
// Each control connection has a server of github.com/fclairamb/ftpserverlib of
// its own. The library keeps the session: login, working directory, TYPE, REST,
// RNFR, the path commands, and every file transfer with its verdict. The two
// wires are ours, because its extension points do not reach them:
//
//   - The control wire. The library's connection is in memory, and its Read is
//     the filter (filter.go): it runs on the library's command goroutine, takes
//     the client's lines one by one, and returns the next line that the library
//     shall see. One table (commands.go) says of every command whether it is
//     passed on, rewritten or answered here. The library's replies come back
//     through the same connection, where each can be attributed to its command:
//     the client gets our codes and our short reasons (reply.go), never the
//     library's text or the store's. Names become the client's character set
//     and back here as well (names.go).
//   - The data wire. Package passive promises ports to sessions; data.go turns
//     a promise into the connection that the library transfers on, with TLS,
//     whose records move several at a time (package records), and deadlines.
//
// What the library keeps, the filter never executes.
//
// # A transfer
//
// Before RETR, STOR and APPE the filter gives the library an EPSV, and the REST
// that the client has sent, whose answers are swallowed. So the library has a
// listener: a virtual one that yields our data connection, which comes by a
// promise of the passive plane or, in active mode, is dialled (active.go).
// Listings are RETR commands whose handle renders the entries as they come from
// the store. So all transfers are of one kind, and each has one object
// (transfer.go) that knows why it failed and whether it may still be committed.
//
// # Receipts
//
// An upload is committed when its data connection ended cleanly and nothing
// else gave reason to doubt it: no ABOR, no lost control connection, no
// shutdown. Everything else abandons it, and the old content stays.
//
// # Goroutines of a session
//
// One reads the client's lines; the library has one for commands and one for
// the running transfer; one binds each data connection, and one computes a hash.
// session.run waits for all of them.
package ftp
