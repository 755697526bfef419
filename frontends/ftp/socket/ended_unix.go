//go:build unix && !linux

package socket

import (
	"errors"
	"net"
	"syscall"
)

// Ended reports whether the peer has closed its end of the connection. Unread bytes
// hide the end on this system.
func Ended(c net.Conn) bool {
	return holds(c, func(fd int) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(fd, b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil && n == 0 || errors.Is(err, syscall.ECONNRESET)
	})
}
