//go:build unix

package ftp

import (
	"net"
	"syscall"
)

// ended reports whether the client's end of the connection has arrived, read or
// not. Bytes that are waiting hide it.
func ended(c net.Conn) bool {
	if p, ok := c.(*proxiedConn); ok {
		c = p.Conn
	}
	tc, ok := c.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tc.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		gone = err == nil && n == 0 || err == syscall.ECONNRESET
	})
	return gone || err != nil
}
