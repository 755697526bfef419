// Package reorder keeps the WRITEs of an upload that arrive before their turn.
//
// A store takes the bytes of a file in order, and a client has many WRITEs in
// flight, which may arrive in any order: sftp of OpenSSH sends them in order,
// clients with several threads do not. A Buffer holds those that lie beyond the
// next byte until the bytes in front of them have come:
//
//	err := b.Add(next, off, n, func(p []byte) error { … fill p … })
//
// and when next has moved on:
//
//	for !b.Empty() && b.Start() == next {
//		err := b.Pop(func(p []byte) error { … write p, move next … })
//	}
//
// It never writes over what it holds: bytes that were sent twice are an error, as
// what has gone to the store cannot be changed. Its memory is the caller's, which
// bounds it for all uploads together: Add may wait for it.
package reorder
