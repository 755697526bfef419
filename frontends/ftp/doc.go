// Package ftp is the FTP frontend: RFC 959 with the extensions of RFC 2228,
// 2428, 3659 and 4217, over a vfs.View.
//
// A session is one control connection. What it is made of has packages of its own, none
// of which knows another but by an interface:
//
//   - control: the control connection: lines, replies, TLS, character set.
//   - engine: ftpserverlib, which keeps login, working directory, the commands on paths
//     and the course of each transfer. It gets its commands from the session (Next) and
//     returns its replies to it (Replied).
//   - data: data connections: their source, TLS and the proof whose they are, TYPE A.
//   - passive: the ports, and which session a connection to one of them is for.
//   - socket: what the kernel knows of a connection.
//
// This package decides what a command does. One table (commands.go) says of every
// command whether the engine executes it as it came, executes something else for it, or
// the session answers it. The client gets our codes and short reasons (reply.go), never
// the library's text or the store's. What the engine executes, the session never does.
//
// # The login
//
//	anonymous ── password accepted ──▶ identified
//	    │  ▲                               │
//	    │  └──────────── REIN ─────────────┘
//	    └── too many passwords, lines or bad lines ──▶ barred: the session ends
//
// What the client has set (parameters.go) lasts until REIN; what REST, ALLO and RNFR
// announced is forgotten behind the next command, unless that may come in between.
//
// # A transfer
//
// Listings are RETR commands whose file renders the entries as they come from the
// store. So all transfers are of one kind, and each has one object (transfer.go) that
// knows why it failed and whether it may still be committed.
//
//	running ── data in order, no abort condition ──▶ committing (uploads)
//	   │                                                  │
//	   └── broken, or aborted by client or server ──▶ failed ◀── the store fails
//
// An abort that comes while an upload is committing changes nothing: its client gets the
// outcome.
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
