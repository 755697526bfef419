// Package engine runs ftpserverlib for one control connection. It is the only package
// that knows the library.
//
// The library keeps what has to do with the working directory: login, CWD, RNFR, the
// commands on paths, and the course of each transfer. It reads its commands from a
// connection in memory, whose Read asks the session for the next one, and writes its
// replies to the same connection, where each is attributed to its command.
//
//	e := engine.New(ctx, session, local, remote)
//	err := e.Serve() // until session.Next returns io.EOF
//
// The session never sees what the engine does on its own account:
//
//   - Before the command of a transfer, the library gets an EPSV and, where the transfer
//     does not begin at 0, a REST. Their replies are not reported. The listener that the
//     library makes for the EPSV is replaced by one that yields the transfer's data
//     connection. The states of a transfer are
//
//     none ── Next ──▶ preparing ── last line taken ──▶ running ── final reply ──▶ none
//     │                                                          ▲
//     └── the library refuses: Fail, Finished(425) ──────────────┘
//
//   - The library closes its connection after one wrong password, and does not know REIN.
//     After a wrong password, REIN or AUTH, another instance of the library takes over. Its
//     greeting is reported only after REIN.
//
// # Goroutines
//
// The library has one goroutine for commands, on which Session's methods and Read run,
// and one for the running transfer. Both write replies, but never at the same time:
// while a transfer runs, the session passes no other command.
package engine
