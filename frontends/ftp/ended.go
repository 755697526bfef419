//go:build unix

package ftp

import (
	"errors"
	"net"
	"syscall"

	"github.com/tidegate/tidegate/frontends/listen"
)

var errNoSocket = errors.New("ftp: not a socket")

// withSocket lets ask have the descriptor of c's socket: errNoSocket where there is
// none, another error where it cannot be asked any more.
func withSocket(c net.Conn, ask func(fd int)) error {
	if p, ok := c.(*listen.ProxiedConn); ok {
		c = p.Conn
	}
	tc, ok := c.(*net.TCPConn)
	if !ok {
		return errNoSocket
	}
	raw, err := tc.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { ask(int(fd)) })
}

// hasBytes reports whether something has arrived that was not read.
func hasBytes(c net.Conn) bool {
	return askSocket(c, func(fd int) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(fd, b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil && n > 0
	})
}

// askSocket asks the socket of c. A socket that cannot be asked any more has
// ended; what is no socket tells nothing.
func askSocket(c net.Conn, ask func(fd int) bool) bool {
	gone := false
	err := withSocket(c, func(fd int) { gone = ask(fd) })
	return gone || err != nil && !errors.Is(err, errNoSocket)
}
