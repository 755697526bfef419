// Package kexinit lets an SSH server read the algorithms that a client offers before the
// server sends its own offer.
//
// Each side of a connection sends a KEXINIT, with the lists of its algorithms, without
// waiting for the KEXINIT of the other side. For each list, both sides choose the first
// algorithm of the client that the server offers too (RFC 4253 7.1). So a server can prefer an
// algorithm only by leaving others out of its lists. Before that, it must know that the client
// has the preferred one.
//
// The package makes no decision. It parses only two lists of ciphers in the client's first
// packet, which is never encrypted. The SSH library gets every byte, also those that this
// package does not understand. The key exchange signs the client's KEXINIT, so an attacker
// who changes the lists on the way is detected as without this package.
package kexinit
