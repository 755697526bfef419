//go:build unix

package ftp

import (
	"net"

	"github.com/tidegate/tidegate/frontends/admission"
)

// whetherEnded asks the socket of c. A socket that cannot be asked any more has
// ended; what is no socket tells nothing.
func whetherEnded(c net.Conn, ask func(fd int) bool) bool {
	if p, ok := c.(*admission.ProxiedConn); ok {
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
	err = raw.Control(func(fd uintptr) { gone = ask(int(fd)) })
	return gone || err != nil
}
