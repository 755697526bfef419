// Package sftp is the SFTP frontend: version 3 of the protocol
// (draft-ietf-secsh-filexfer-02) with some of OpenSSH's extensions, over a
// vfs.View.
//
// golang.org/x/crypto/ssh keeps the connection (conn.go, login.go), and each
// channel with the subsystem sftp has a RequestServer of github.com/pkg/sftp,
// which keeps the handles and calls ours for every request. Between the two lies
// the filter (filter.go): it sees every packet, answers or translates what the
// library does not know, and says in the VERSION packet what is true.
//
// It is no shell: exec, shell, forwarding and agents are refused.
//
// # Files
//
// The library calls WriteAt and ReadAt from eight goroutines, which overtake each
// other. WRITEs get back the order in which they came (turns.go); those that the
// client itself sends out of order are put in order in a small buffer. So an
// upload writes one after the other to its vfs.Writer, and a download serves
// READs from one vfs.Reader that streams. Both have one lock under which they use
// the store, and nothing ever waits for a packet that came later.
//
// The library's context ends only when all its goroutines have, and requests on
// a handle carry none. So nothing uses it: looking ends with the channel, and
// changing ends by force at the end of the grace period alone. What was received
// before a connection was lost is worked off.
//
// # Receipts
//
// A CLOSE that is answered OK is a receipt: the file is committed. Everything
// else abandons the upload and leaves the old content: a request that failed, a
// hole, a lost connection, a shutdown. The library would hold all files of a
// session while one is committed, so a commit runs beside it and the answer to its
// CLOSE waits in the filter (close.go).
//
// # Panics
//
// The library recovers from nothing. Every method that it calls is guarded: a
// panic ends its session alone.
package sftp
