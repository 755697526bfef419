// Package data is the data connections of FTP: where they come from (a passive port, or
// a connection to the client), TLS with the proof that a connection is the session's
// own, and the conversion of TYPE A. It knows no command, no file and no user but by
// name.
//
//	shared := data.New(data.Options{Plane: plane, TLS: config, IdleTimeout: idle, Memory: part})
//	s := shared.NewSession(ctx, log, control, start) // one for each control connection
//	port, err := s.Reserve(ctx, owner)                // PASV, EPSV
//	c := s.Take(data.Use{Command: "RETR"})           // the command has come
//	_, err = c.Write(content)                        // waits for the client's connection
//	c.Finish(true)
//
// # Whose connection it is
//
// Only the addresses of a data connection say which session it is for: package passive
// finds the sessions that they fit. With TLS, a ticket of the control connection proves it
// (ticket.go). Several connections may come for one port reservation: a contest
// (contest.go) runs their handshakes side by side, and the one with this session's ticket
// wins. Whether a connection without a ticket is accepted depends on how the client has
// used tickets before (resumption.go):
//
//	anyone ── first ticket given ──▶ proofPreferred ── one was shown that ──▶ proofNeeded
//	   ▲                               │        ▲       can be shown again      │
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
