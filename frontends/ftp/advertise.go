package ftp

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
)

// Auto as a host or a port stands for what Azure says of the load balancer.
const Auto = "auto"

// advertisedPort maps a local port to the one that clients are told. It is not
// known before Azure has said it.
func (s *Server) advertisedPort(local int) (int, bool) {
	switch {
	case s.o.Passive.PortAuto:
		reached, ok := s.discovery.lookUp(local)
		return int(reached.Port()), ok
	case s.o.Passive.Port == 0:
		return local, true
	}
	for i, p := range s.plane.Ports() {
		if p == local {
			return s.o.Passive.Port + i, true
		}
	}
	return local, true
}

// advertisedHost is the IPv4 address that PASV tells.
func (s *session) advertisedHost() (netip.Addr, error) {
	host := s.srv.o.Passive.Host
	for _, n := range s.srv.o.Passive.Hosts {
		if n.Network.Contains(s.control.Peer()) {
			host = n.Host
			break
		}
	}
	switch host {
	case "":
		addr := s.reachedAt()
		if !addr.Is4() {
			return netip.Addr{}, errors.New("the client came over IPv6")
		}
		return addr, nil
	case Auto:
		reached, ok := s.srv.discovery.lookUp(s.srv.plane.Ports()[0])
		if !ok {
			return netip.Addr{}, errors.New("the public address is not known yet")
		}
		return reached.Addr(), nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr, nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(s.ctx, "ip4", host)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0].Unmap(), nil
}

// reachedAt is the address that the client reached, the zero Addr where it has none.
func (s *session) reachedAt() netip.Addr {
	if a, ok := s.control.LocalAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// checkHosts warns of what PASV shall tell and cannot: clients would learn it one by one.
// A name is looked up again for each PASV.
func (s *Server) checkHosts(ctx context.Context) {
	hosts := []string{s.o.Passive.Host}
	for _, n := range s.o.Passive.Hosts {
		hosts = append(hosts, n.Host)
	}
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		if _, err := netip.ParseAddr(host); err == nil || host == "" || host == Auto {
			continue
		}
		if _, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("the passive host has no IPv4 address: PASV is refused until it has", "host", host, "err", err)
		}
	}
}

// How often Azure is asked: again after a failure, ever later, and from time to
// time afterwards, because rules change.
const (
	soonestQuestion = time.Second
	latestQuestion  = time.Minute
	refreshInterval = 5 * time.Minute
)

// discovery keeps what Azure says of the passive ports. It is asked in the
// background: a machine that was just made may have to wait for an answer.
type discovery struct {
	client *imds.Client
	log    *slog.Logger
	ports  []int
	// needsPort is true when a public address alone is not enough.
	needsPort bool

	mu sync.Mutex
	// reached has the last answer for each local port.
	reached map[int]netip.AddrPort
}

func (d *discovery) lookUp(local int) (netip.AddrPort, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reached, ok := d.reached[local]
	return reached, ok
}

// run asks until ctx ends. What was learnt stays when Azure does not answer.
func (d *discovery) run(ctx context.Context) {
	pause := soonestQuestion
	for {
		err := d.learn(ctx)
		next := refreshInterval
		if err != nil {
			next, pause = pause, min(2*pause, latestQuestion)
			if ctx.Err() == nil {
				d.log.Warn("cannot learn from Azure how clients reach the passive ports", "err", err, "retry", next)
			}
		} else {
			pause = soonestQuestion
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// learn asks for all ports, and keeps the answers when it has them all.
func (d *discovery) learn(ctx context.Context) error {
	reached := map[int]netip.AddrPort{}
	for _, local := range d.ports {
		answer, err := d.client.Inbound(ctx, local)
		if errors.Is(err, imds.ErrUnknown) && !d.needsPort {
			var addr netip.Addr
			addr, err = d.client.PublicIPv4(ctx)
			answer = netip.AddrPortFrom(addr, uint16(local))
		}
		if err != nil {
			return err
		}
		reached[local] = answer
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !maps.Equal(d.reached, reached) {
		for local, answer := range reached {
			d.log.Info("clients reach a passive port", "port", local, "through", answer.String())
		}
	}
	d.reached = reached
	return nil
}
