package passive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Options say which ports are bound and how long things may take. Zero
// durations mean the defaults.
type Options struct {
	// Listen is an address with one port or a range: "0.0.0.0:30000",
	// "[::]:30000-30007", ":0" (any free port).
	Listen string
	// MaxHold is how long Reserve waits for a free port. Default 15 s: clients
	// give up at 20.
	MaxHold time.Duration
	// Patience is how long a reservation may wait for its connection, or keep its
	// port, while others wait. Default 5 s: curl takes up to a second.
	Patience time.Duration
	// Lifetime is how long a reservation may wait for its connection while nobody
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

// Plane owns the ports. Its methods may be called concurrently.
type Plane struct {
	o     Options
	begun time.Time
	ports []*port

	mu    sync.Mutex
	peers map[netip.Addr]*peer
	// turn spreads reservations over the ports.
	turn int
	// closed is closed by Close.
	closed   chan struct{}
	metrics  Metrics
	strayed  strayed
	breaches breaches
	// unannounced are the connections of proxies whose PROXY header has not come,
	// readers the goroutines that wait for it.
	unannounced map[net.Conn]struct{}
	readers     sync.WaitGroup
}

// Metrics returns what the Plane counts.
func (p *Plane) Metrics() Metrics { return p.metrics }

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

// Listen binds all ports, or none and returns why.
func Listen(ctx context.Context, o Options) (*Plane, error) {
	o.setDefaults()
	host, first, last, err := ParseListen(o.Listen)
	if err != nil {
		return nil, err
	}
	p := &Plane{
		o: o, metrics: newMetrics(o.Metrics, o.Frontend), begun: time.Now(), peers: map[netip.Addr]*peer{}, closed: make(chan struct{}),
		strayed: strayed{}, breaches: breaches{}, unannounced: map[net.Conn]struct{}{},
	}
	for number := first; number <= last; number++ {
		bound, err := bind(ctx, net.JoinHostPort(host, strconv.Itoa(number)))
		if err != nil {
			p.closePorts()
			return nil, fmt.Errorf("passive port: %w", err)
		}
		p.ports = append(p.ports, bound)
	}
	return p, nil
}

// Ports returns the bound ports in the order of the configured range.
func (p *Plane) Ports() []int {
	numbers := make([]int, len(p.ports))
	for i, port := range p.ports {
		numbers[i] = port.number
	}
	return numbers
}

// Serve accepts connections until ctx ends, then closes the ports and every
// reservation, and returns when nothing of the Plane runs any more.
func (p *Plane) Serve(ctx context.Context) {
	var wg sync.WaitGroup
	for _, port := range p.ports {
		wg.Go(func() { p.accept(ctx, port) })
	}
	<-ctx.Done()
	p.Close()
	wg.Wait()
	p.readers.Wait()
}

// Close ends a Plane, whether Serve was called or not.
func (p *Plane) Close() {
	p.closePorts()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed() {
		return
	}
	close(p.closed)
	for c := range p.unannounced {
		_ = c.Close()
	}
	for addr, pe := range p.peers {
		pe.close()
		delete(p.peers, addr)
	}
}

func (p *Plane) isClosed() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

func (p *Plane) closePorts() {
	for _, port := range p.ports {
		port.close()
	}
}

// accept takes what comes to a port until ctx ends.
func (p *Plane) accept(ctx context.Context, port *port) {
	const slowest = time.Second
	var delay time.Duration
	for {
		began := time.Now()
		err := port.serve(p)
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of descriptors, as a rule.
		if time.Since(began) > slowest {
			delay = 0
		}
		delay = min(max(2*delay, 5*time.Millisecond), slowest)
		p.o.Log.Warn("cannot accept data connections", "port", port.number, "err", err, "retry", delay)
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
}

// admit looks at everything that has arrived at the port, and then lets those
// reservations go that need nothing more. It returns how many connections there were.
// Plane.mu is held.
func (p *Plane) admit(port *port) (int, error) {
	var connected []*Reservation
	n, err := port.pending(func(c net.Conn, from netip.Addr) {
		if r := p.arrive(c, from, port); r != nil {
			connected = append(connected, r)
		}
	})
	for _, r := range connected {
		if r.state.holdsPort() {
			r.fire(connect)
		}
	}
	return n, err
}

// arrive takes a connection from an address. It returns the reservation that got it.
// Plane.mu is held.
func (p *Plane) arrive(c net.Conn, from netip.Addr, port *port) *Reservation {
	if p.isClosed() {
		_ = c.Close()
		return nil
	}
	if slices.ContainsFunc(p.o.Proxies, func(n netip.Prefix) bool { return n.Contains(from) }) {
		p.unannounced[c] = struct{}{}
		p.readers.Go(func() { p.readHeader(c, port) })
		return nil
	}
	return p.deliver(c, from, port)
}

// readHeader waits for the PROXY header of a connection from a proxy.
func (p *Plane) readHeader(c net.Conn, port *port) {
	client, err := p.o.Unproxied(c)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.unannounced, c)
	if err != nil {
		p.o.Log.Warn("data connection refused", "remote", c.RemoteAddr().String(), "port", port.number, "err", err)
	}
	if err != nil || client == nil || p.isClosed() {
		_ = c.Close()
		return
	}
	var from netip.Addr
	if a, ok := client.RemoteAddr().(*net.TCPAddr); ok {
		from = a.AddrPort().Addr().Unmap()
	}
	if r := p.deliver(client, from, port); r != nil {
		r.fire(connect)
	}
}

// deliver gives c to the reservation that holds the port for its address. Plane.mu is
// held.
func (p *Plane) deliver(c net.Conn, from netip.Addr, port *port) *Reservation {
	addr := p.o.PeerCheck.peerOf(from)
	if pe := p.peers[addr]; pe != nil {
		if r := pe.holder[port]; r != nil && !r.released {
			r.take(c)
			return r
		}
	}
	p.stray(addr, port)
	p.o.Log.Warn("data connection without a reservation", "remote", from.String(), "port", port.number)
	_ = c.Close()
	return nil
}
