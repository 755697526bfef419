// Package ftpclient is an FTP client for tests: the conformance suite, line
// conversations and load. A few calls do what a correct client does (Dial,
// Login, Get, Put, List). A test can also do, at any moment, what a broken
// client does: send any bytes, read reply by reply, half-close or reset a data
// connection, abort in each of the ways that real clients use, or close the
// control connection without a QUIT.
//
// It is not a client for general use: it expects the server's replies to be
// small, does no ASCII conversion and does not support servers older than
// RFC 3659. It never corrects what the server sends, so that a test sees it.
//
// # Use
//
// A Conn is one session. Its methods are called by one goroutine at a time. A
// Transfer is one data connection of it; between its start and its end the
// Conn may be used by the same goroutine for what RFC 959 allows there (ABOR,
// STAT, NOOP).
//
// # Errors
//
// An unexpected reply is a *ReplyError. All other errors are errors of the
// network, or replies that are not valid in FTP.
//
// # Time
//
// Every single read and write has Options.Timeout, so that nothing hangs; a
// transfer as a whole may take longer. The context of Dial governs the whole
// session: when it ends, all connections of the session are closed.
package ftpclient
