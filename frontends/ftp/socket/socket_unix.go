//go:build unix

package socket

import (
	"errors"
	"net"
	"syscall"

	"github.com/tidegate/tidegate/frontends/listen"
)

var errNoSocket = errors.New("socket: the connection is not a socket")

// withDescriptor calls ask with the descriptor of c's socket. It returns errNoSocket
// where there is none, and another error where the socket is closed.
func withDescriptor(c net.Conn, ask func(fd int)) error {
	raw, err := socketOf(c)
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { ask(int(fd)) })
}

// socketOf returns the socket of c, which may be behind a proxy.
func socketOf(c net.Conn) (syscall.RawConn, error) {
	if p, ok := c.(*listen.ProxiedConn); ok {
		c = p.Conn
	}
	tc, ok := c.(*net.TCPConn)
	if !ok {
		return nil, errNoSocket
	}
	return tc.SyscallConn()
}

// HasBytes reports whether bytes have arrived that were not read. It is true for a
// socket that is closed on this side.
func HasBytes(c net.Conn) bool {
	return holds(c, func(fd int) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(fd, b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil && n > 0
	})
}

// AwaitBytes waits until bytes or the end of c have arrived in its socket, and leaves
// them unread. It returns false, at once, where it cannot wait: c has no socket then. An
// end of the wait by a deadline is true too: the next read reports it.
func AwaitBytes(c net.Conn) bool {
	raw, err := socketOf(c)
	if err != nil {
		return false
	}
	_ = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return !errors.Is(err, syscall.EAGAIN)
	})
	return true
}

// holds reports whether ask is true of the socket of c. It is true for a socket that is
// closed on this side, and false for a connection without a socket.
func holds(c net.Conn, ask func(fd int) bool) bool {
	is := false
	err := withDescriptor(c, func(fd int) { is = ask(fd) })
	return is || err != nil && !errors.Is(err, errNoSocket)
}
