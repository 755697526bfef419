// Package data is the data connections of FTP: where they come from (a passive port, or
// a connection to the client), TLS with the proof that a connection is the session's
// own, and the conversion of TYPE A. It knows no command, no file and no user but by
// name.
//
//	shared := data.New(data.Options{Plane: plane, TLS: config, Log: log})
//	s := shared.NewSession(ctx, log, control, start) // one for each control connection
//	port, err := s.Reserve(ctx, owner)                // PASV, EPSV
//	c := s.Take(data.Use{Command: "RETR"})           // the command has come
//	_, err = c.Write(content)                        // waits for the client's connection
//	c.Finish(true)
//
// # Whose connection it is
//
// A data connection carries nothing that names its session but its address; package
// passive decides by that which sessions it may be for. With TLS, a ticket of the
// control connection proves it (ticket.go). Several connections may come for one port
// reservation: a contest (contest.go) runs their handshakes side by side, and the one
// with this session's ticket wins. What a connection without a ticket is worth depends
// on what is known of the client's use of tickets (resumption.go):
//
//	anyone ── first ticket given ──▶ proofPreferred ── a ticket was shown ──▶ proofNeeded
//	   ▲                               │        ▲                               │
//	   └─ none was shown in time ──────┘        └── the client may have lost it ┘
//
// # Goroutines
//
// Each connection is bound on a goroutine of its own, made by the session's start, and
// Reads and Writes wait for that. A contest waits for the goroutines of its handshakes.
//
// Lock order: directory.mu and resumption.mu are leaves; no other lock is taken under
// them, and nothing is called.
package data
