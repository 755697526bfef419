// Package buffers writes and reads several records of a TLS connection with one system call. A
// record holds at most 16 KiB, and crypto/tls writes and reads each record with a call of its
// own. At the rate of a network card these system calls take a large part of the processor time
// of each byte.
//
// A Conn lies between TLS and the network. It collects the records of one piece and writes them
// at once, and it reads several records at once when the peer has sent them. The parts of an
// upload are first copied into one piece. The memory belongs to Buffers, which has a fixed
// number of buffers for all connections of one owner. A connection that finds no free buffer
// works without one, so that thousands of slow connections cost no memory.
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
