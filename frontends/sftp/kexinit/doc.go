// Package kexinit lets an SSH server hear what a client offers before it says
// what it offers itself.
//
// Both sides of a connection send their KEXINIT, the lists of their algorithms,
// without waiting for the other's, and of each kind the first of the client's
// is taken that the server has too (RFC 4253 7.1). So all that a server can
// prefer, it prefers by leaving out the rest, and it must know that this client
// does without the rest.
//
// It decides nothing and implements nothing of the protocol beyond what it takes
// to find two lists in the first packet, which is never encrypted. Whatever it
// does not understand is the library's to judge, which gets every byte. What the
// client sent is part of what the key exchange signs: an attacker between the
// two that changes the lists is detected as always.
package kexinit
