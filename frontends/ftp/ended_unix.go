//go:build unix && !linux

package ftp

import (
	"errors"
	"net"
	"syscall"
)

// ended reports whether the client's end of the connection has arrived. Bytes that
// are waiting to be read hide it.
func ended(c net.Conn) bool {
	return askSocket(c, func(fd int) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(fd, b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil && n == 0 || errors.Is(err, syscall.ECONNRESET)
	})
}
