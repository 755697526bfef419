// Package clientaddr says what counts as one client address, wherever addresses
// are counted, bounded or take turns.
package clientaddr

import "net/netip"

// Network returns what counts as one address: an IPv4 address itself, and of an
// IPv6 address the first 64 bits, because every host there has all of the others.
func Network(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // an error gives the zero Prefix, for the zero Addr
	return p
}
