// Package listen takes the connections of a frontend, from its listener to the code
// of the protocol, and ends them when the process stops. It knows no protocol.
//
//	Accept --> PROXY header --> limits --> places before the login --> Protocol.Serve
//	                                \----------\------> Protocol.Refuse
//
// A connection from a configured proxy has the address that the proxy announces
// (PROXY protocol, version 1 or 2). A Server limits the concurrent connections, and the
// connections without a login, in total and for each client address. Protocol.Refuse answers
// a client that is refused, if the protocol has such an answer.
//
//	connections := listen.New(listen.Options{Log: log, Observe: reporter, Ledger: ledger, Limits: listen.Limits{MaxSessions: 1000, MaxLogins: 100}, Grace: grace})
//	l, err := sockets.Listen(ctx, "ftp.public", address)
//	…
//	err = connections.Serve(ctx, l, listen.Protocol{Drain: drain, Serve: serve, Refuse: refuse})
//
// Sockets has the listening sockets, of which a process may inherit some. The package also
// has what frontends need of sockets: see Config, AckNow and MaxDescriptors.
package listen
