// Package freeport finds ports for tests that have to name a port before it is bound, as in
// a configuration that is loaded twice. Other tests listen at port 0.
package freeport

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// Addr returns an address of 127.0.0.1 that nothing listens at. Its port is below those that
// the kernel gives to outgoing connections and to listeners at port 0, so that no other test
// takes it before the caller does.
func Addr(t testing.TB) netip.AddrPort {
	t.Helper()
	for {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 10_000+rand.N[uint16](20_000))
		l, err := net.Listen("tcp", addr.String())
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return addr
	}
}
