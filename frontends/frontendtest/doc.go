// Package frontendtest is the conformance suite of the frontends: what a client
// may rely on, whatever protocol it speaks. A frontend's own test calls Run with
// a Target, once for each way to connect: plain FTP, explicit FTPS, SFTP with a
// key.
//
// The suite starts a server for each test, over a backend that it watches. It
// uses a small interface Client, which an adapter implements with a client of
// the protocol (ftptest for FTP). It also reads the store directly, to check
// what happened there. After each test the server is stopped, and nothing of it
// may be left: no goroutine, no open reader, no writer that was neither
// committed nor aborted. Run must therefore not be called beside parallel tests
// of the same process.
//
// The package of the adapter tests what only one protocol has: the order of its
// commands, its codes, the bytes of its lines.
package frontendtest
