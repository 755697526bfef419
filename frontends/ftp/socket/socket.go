// Package socket asks the kernel about TCP connections: whether the peer has closed
// its end, whether bytes wait to be read, how long round trips take. Connections that
// are not sockets, and kernels that cannot be asked, answer "unknown".
package socket

import "time"

// RoundTrip is the kernel's estimate for a connection: the shortest round trip so far,
// and the smoothed current one.
type RoundTrip struct{ Least, Usual time.Duration }
