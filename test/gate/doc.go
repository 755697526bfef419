// Package gate proves that one passive port is enough for many sessions: sessions of one
// client address upload, list and download through it at once, in clear and over
// TLS, alone and beside clients that disconnect, never connect, connect late or attack.
//
// The tests compare contents. Each upload that was answered with 226 is compared with what the
// store holds at the end, each listing with the names of the session, and each download with what
// was uploaded. Every byte shows which session sent it.
//
// The tests leave out one case, which the protocol cannot detect: on plain FTP, and over TLS
// without resumption, an attacker with the client's address connects once before the client does,
// and disconnects before the client's connection comes (see docs/ftp.md).
package gate
