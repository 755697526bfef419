package ftp

import (
	"net"

	"golang.org/x/sys/unix"
)

// ended reports whether the client's end of the connection has arrived, whatever
// of it was read. The kernel's state tells: what is still to be read, such as a
// TLS alert, would hide the end from a look into the buffer.
func ended(c net.Conn) bool {
	return askSocket(c, func(fd int) bool {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		return err != nil || info.State != tcpEstablished
	})
}

// tcpEstablished is the kernel's TCP_ESTABLISHED.
const tcpEstablished = 1
