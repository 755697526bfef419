package passive

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Options say which ports are bound and how long things may take. Zero
// durations mean the defaults.
type Options struct {
	// Listen is an address with one port or a range: "0.0.0.0:30000",
	// "[::]:30000-30007", ":0" (any free port).
	Listen string
	// Sockets opens the ports, as sockets called Frontend + ".passive". nil binds them.
	Sockets *listen.Sockets
	// MaxHold is how long Reserve waits for a free port. Default 15 s: clients
	// give up at 20.
	MaxHold time.Duration
	// Patience is how long a reservation may wait for its connection, or keep its
	// port, while others wait. Default 5 s: curl takes up to a second.
	Patience time.Duration
	// Lifetime is how long a reservation may wait for its connection while no session
	// waits for the port. Default 30 s.
	Lifetime time.Duration
	// Quarantine is how long a port rests for an address whose last reservation there
	// ended without a connection. Default 5 s.
	Quarantine time.Duration
	// MinAge is how long after the start connections may come that the process before
	// this one reserved ports for. Default 10 s.
	MinAge time.Duration
	// PeerCheck says which addresses count as one client. Default PeerStrict.
	PeerCheck PeerCheck
	// Proxies are the networks of load balancers that say first whose a
	// connection is, and Unproxied reads what they say. It returns the
	// connection as the client made it, or nil for a probe; it may take its time.
	Proxies   []netip.Prefix
	Unproxied func(net.Conn) (net.Conn, error)
	Log       *slog.Logger
	// Metrics is the registry that the Plane counts in, a new one when nil, and
	// Frontend the value of the label.
	Metrics  *metrics.Registry
	Frontend string
}

// PeerCheck says how exactly the address of a data connection must be that of
// its control connection. Addresses that count as one share the ports.
type PeerCheck string

// The checks.
const (
	// PeerStrict wants the same address.
	PeerStrict PeerCheck = "strict"
	// PeerSubnet wants the same network, /24 of IPv4 and /64 of IPv6: for
	// clients behind several addresses of one NAT.
	PeerSubnet PeerCheck = "subnet"
	// PeerOff takes every address: for load balancers that hide the clients'.
	PeerOff PeerCheck = "off"
)

// peerOf returns what stands for the client with the address a.
func (c PeerCheck) peerOf(a netip.Addr) netip.Addr {
	a = a.Unmap()
	bits := 24
	switch {
	case c == PeerOff:
		return netip.IPv6Unspecified()
	case c != PeerSubnet || !a.IsValid():
		return a
	case a.Is6():
		bits = 64
	}
	network, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return a
	}
	return network.Addr()
}

// socketName is what the ports are called where they are inherited.
func (o *Options) socketName() string { return o.Frontend + ".passive" }

func (o *Options) setDefaults() {
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{
		{&o.MaxHold, 15 * time.Second},
		{&o.Patience, 5 * time.Second},
		{&o.Lifetime, 30 * time.Second},
		{&o.Quarantine, 5 * time.Second},
		{&o.MinAge, 10 * time.Second},
	} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	if o.Metrics == nil {
		o.Metrics = metrics.New()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// ParseListen splits an address with one port or a range of ports.
func ParseListen(s string) (host string, first, last int, err error) {
	host, ports, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, 0, fmt.Errorf("passive address %q: %w", s, err)
	}
	lo, hi, isRange := strings.Cut(ports, "-")
	first, err = strconv.Atoi(lo)
	if err == nil && isRange {
		last, err = strconv.Atoi(hi)
	} else {
		last = first
	}
	if err != nil || first < 0 || last > 65535 || first > last || (isRange && first == 0) {
		return "", 0, 0, fmt.Errorf("passive address %q: want one port or a range such as 30000-30007", s)
	}
	return host, first, last, nil
}
