// Package clientaddr defines what counts as one client address, for limits, counts and fair
// shares per address.
package clientaddr

import "net/netip"

// Network returns what counts as one address: an IPv4 address itself, and the first 64 bits
// of an IPv6 address, because one host can use all addresses of its /64.
func Network(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // an error gives the zero Prefix, for the zero Addr
	return p
}
