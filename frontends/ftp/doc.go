// Package ftp is the FTP frontend: RFC 959 with the extensions of RFC 2228,
// 2428, 3659 and 4217, over a vfs.View.
//
// A session is one control connection. Its parts have packages of their own:
//
//   - control: the control connection: lines, replies, TLS, character set.
//   - engine: ftpserverlib, which keeps the login and the working directory, and executes
//     the commands on paths and the transfers. It gets its commands from the session (Next)
//     and passes its replies to the session (Replied).
//   - data: the data connections: where they come from, TLS, the proof that a connection
//     belongs to a session, and TYPE A. It uses control and passive.
//   - passive: the passive ports, and the session that a connection to a port belongs to.
//   - socket: what the kernel knows about a connection.
//
// This package decides what a command does. One table (commands.go) says for each command
// whether the engine executes it unchanged, the engine executes another command for it, or
// the session answers it. No command is executed by both. An error reply has our code and
// our short reason (reply.go), never the text of the library or of the store.
//
// # The login
//
//	anonymous ── password accepted ──▶ identified
//	    │  ▲                               │
//	    │  └──────────── REIN ─────────────┘
//	    └── too many passwords, lines or bad lines ──▶ barred: the session ends
//
// Parameters that the client has set (parameters.go) last until REIN. What RNFR announced is
// forgotten after the next command. What REST and ALLO announced is forgotten after the next
// command that may not come between them and the transfer.
//
// # A transfer
//
// For a listing the engine executes a RETR whose file is the listing: it formats the entries
// as the store yields them. So all transfers are of one kind. Each has one object
// (transfer.go), which knows why the transfer failed and whether it may still be committed.
//
//	running ── data in order, no abort condition ──▶ committing (uploads)
//	   │                                                  │
//	   └── broken, or aborted by client or server ──▶ failed ◀── the store fails
//
// An abort during the commit of an upload changes nothing: the client gets the outcome of
// the commit.
//
// # Durable acknowledgements
//
// An upload is committed when its data connection ended in order and no abort condition
// holds (acknowledge.go): no ABOR, no lost control connection, no shutdown. Everything else
// aborts it, and the old content stays.
//
// # Goroutines of a session
//
// One reads the client's lines; the engine has one for commands and one for the running
// transfer; one binds each data connection, and one computes a hash. session.run waits
// for all of them.
//
// Lock order: transfer.mu is a leaf. The session's other fields belong to the engine's
// command goroutine, on which Next runs.
package ftp
