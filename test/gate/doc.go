// Package gate proves that one passive port is enough for many sessions: sessions of one
// client address upload, list and download through it at once, in clear and over
// TLS, alone and beside clients that disconnect, never connect, connect late or attack.
//
// The content decides. Each upload that was answered with 226 is compared with
// what the store holds at the end, listings with the session's own names, and
// downloads with what was uploaded; every byte shows which session sent it.
//
// One case is left out, because the protocol cannot distinguish it: on plain FTP, and over
// TLS without resumption, an attacker with the client's own address that
// connects once in its place, and disconnects before the client's own connection comes
// (see docs/ftp.md).
package gate
