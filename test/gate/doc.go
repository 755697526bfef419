// Package gate proves that one passive port serves everybody: sessions of one
// client address upload, list and download through it at once, in clear and over
// TLS, alone and beside clients that vanish, never connect, come late or steal.
//
// The verdict is the content. What a session was told 226 for is compared with
// what the store holds at the end, listings with the session's own names, and
// downloads with what was uploaded; every byte tells whose it is.
//
// What is left out, because the protocol cannot tell it: on plain FTP, and over
// TLS without a proof by resumption, a stranger with the client's own address
// that connects in its place once, and goes before the client's own connection comes
// (see docs/ftp.md).
package gate
