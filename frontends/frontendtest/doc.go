// Package frontendtest is the conformance suite of the frontends: what a client
// may rely on, whatever protocol it speaks. A frontend's own test calls Run with
// a Target, once for each way to connect: plain FTP, explicit FTPS, SFTP with a
// key.
//
// The suite starts a server for each test, over a backend that it watches. It
// works through a small Client, which an adapter makes of a protocol's own
// client (ftptest for FTP), and looks at the store directly for what must and
// must not have happened there. After each test the server is stopped, and
// nothing of it may be left: no goroutine, no open reader, no writer that was
// neither committed nor aborted. Run must therefore not be called beside
// parallel tests of the same process.
//
// What only one protocol has (the order of its commands, its codes, the bytes
// of its lines) is not tested here, but in the adapter's package.
package frontendtest
