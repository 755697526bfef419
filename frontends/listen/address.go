package listen

import (
	"net"
	"net/netip"
)

// AddrOf returns the address of the other side of c, the zero Addr where it has none.
func AddrOf(c net.Conn) netip.Addr { return RemoteOf(c).Addr() }

// RemoteOf is AddrOf with the port.
func RemoteOf(c net.Conn) netip.AddrPort {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	}
	return netip.AddrPort{}
}
