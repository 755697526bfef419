package listen

import (
	"net"
	"net/netip"
)

// AddrOf returns the address of the other side of c, the zero Addr where it has none.
func AddrOf(c net.Conn) netip.Addr { return RemoteOf(c).Addr() }

// RemoteOf is AddrOf with the port.
func RemoteOf(c net.Conn) netip.AddrPort { return addrPort(c.RemoteAddr()) }

// addrPort returns the address of an end of a connection, the zero AddrPort where it is none
// of IP.
func addrPort(end net.Addr) netip.AddrPort {
	if a, ok := end.(*net.TCPAddr); ok {
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	}
	return netip.AddrPort{}
}
