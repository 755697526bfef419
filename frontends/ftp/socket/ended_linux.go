package socket

import (
	"net"

	"golang.org/x/sys/unix"
)

// Ended reports whether the peer has closed its end of the connection, even when bytes
// before that are still to be read. It asks for the state of the connection: unread
// bytes, such as a TLS alert, would hide the end from a look into the receive buffer.
func Ended(c net.Conn) bool {
	return holds(c, func(fd int) bool {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		return err != nil || info.State != tcpEstablished
	})
}

// tcpEstablished is the kernel's TCP_ESTABLISHED.
const tcpEstablished = 1
