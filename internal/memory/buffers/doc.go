// Package buffers lets the records of a TLS connection travel together. A record
// holds 16 KiB at most, and crypto/tls gives each to the connection below, and
// takes each from it, on its own: at the rate of a network card these system
// calls are a good part of what a byte costs.
//
// A Conn lies between TLS and the network. It collects the records of one piece
// and writes them at once, and reads several at once from a peer that has sent
// them. What comes in parts, as an upload does, it copies together before. The
// memory for that belongs to Buffers, of which there is a fixed number for all
// connections of one owner: a connection that finds none free works as it would
// without, so that thousands of slow ones cost no memory.
//
// Encryption and sending may take turns at the processors (Processor), so that hundreds of
// connections of one user do not keep those of another from being served.
//
// # Locks
//
//	those of crypto/tls     one for Read, one for Write; TLS calls Conn under them
//	Conn.reading            for one Read; it is held while the peer is waited for
//	Conn.sending            for one Write; it is held while the peer is waited for
//	the lock of internal/memory, which calls nothing
//
// No goroutine has both of a Conn. Close takes reading after it has closed the
// connection below, which ends a Read that waits.
package buffers
