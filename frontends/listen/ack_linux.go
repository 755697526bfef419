package listen

import "syscall"

// AckNow sends the acknowledgement of everything that has arrived. Linux holds
// it back for 40 ms on a connection on which both sides have spoken, while a client
// with Nagle's algorithm (RFC 896; the default outside of Go and curl) holds the
// rest of what it has to say back until it comes.
func AckNow(c syscall.RawConn) {
	// An error means that the connection is gone, which the next Read reports.
	_ = c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
