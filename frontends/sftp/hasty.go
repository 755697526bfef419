package sftp

import (
	"net"
	"syscall"

	"github.com/tidegate/tidegate/frontends"
)

// leastPacket is the length of the shortest packet (RFC 4253 6).
const leastPacket = 16

// hasty is a connection that acknowledges the first bytes of a packet at once.
// ssh2 for Node writes the length of each packet by itself, and Nagle's algorithm
// keeps the rest until the length is acknowledged.
type hasty struct {
	net.Conn
	socket syscall.RawConn
}

// hasten returns c as a hasty connection, if it has a socket.
func hasten(c net.Conn) net.Conn {
	if s, ok := c.(syscall.Conn); ok {
		// An error means that the connection is gone, which Read tells.
		if socket, err := s.SyscallConn(); err == nil {
			return hasty{c, socket}
		}
	}
	return c
}

func (c hasty) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if 0 < n && n < min(leastPacket, len(b)) {
		frontends.AckNow(c.socket)
	}
	return n, err
}
