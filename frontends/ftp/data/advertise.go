package data

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
)

// Auto as a host or a port stands for what Azure says of the load balancer.
const Auto = "auto"

// NetworkHost is what PASV advertises to the clients of one network.
type NetworkHost struct {
	Network netip.Prefix
	Host    string
}

// AdvertiseOptions say which address and ports are announced to clients.
type AdvertiseOptions struct {
	// Host is the IPv4 address or DNS name that PASV announces; "" is the address that the
	// client reached, Auto that of Azure's load balancer or, where there is none, of the
	// machine. A name is resolved for each PASV.
	Host string
	// Hosts replace Host for clients from certain networks; the first that matches
	// counts.
	Hosts []NetworkHost
	// Port is announced for the first of Ports, the numbers behind it for the others. 0
	// announces the ports as they are.
	Port int
	// PortAuto announces, instead, the ports through which Azure's load balancer leads to
	// those of Ports.
	PortAuto bool
	// Ports are the local ports.
	Ports []int
	// Metadata is where Azure's Instance Metadata Service answers, by default
	// imds.Endpoint.
	Metadata string
	Log      *slog.Logger
}

// asksAzure reports whether Azure knows a part of the answer.
func (o *AdvertiseOptions) asksAzure() bool {
	return o.PortAuto || o.Host == Auto ||
		slices.ContainsFunc(o.Hosts, func(n NetworkHost) bool { return n.Host == Auto })
}

// Advertiser knows the addresses by which clients reach the passive ports. Its methods
// may be called concurrently.
type Advertiser struct {
	o AdvertiseOptions
	// discovery is nil where Azure is not asked.
	discovery *discovery
}

// NewAdvertiser returns an Advertiser.
func NewAdvertiser(o AdvertiseOptions) *Advertiser {
	a := &Advertiser{o: o}
	if o.asksAzure() {
		a.discovery = &discovery{
			client: imds.New(cmp.Or(o.Metadata, imds.Endpoint)), log: o.Log, ports: o.Ports, needsPort: o.PortAuto,
		}
	}
	return a
}

// Run looks up what may change, in the background, until ctx ends.
func (a *Advertiser) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { a.checkHosts(ctx) })
	if a.discovery != nil {
		wg.Go(func() { a.discovery.run(ctx) })
	}
	wg.Wait()
}

// Port maps a local port to the one that is announced. ok is false before Azure has
// answered.
func (a *Advertiser) Port(local int) (port int, ok bool) {
	switch {
	case a.o.PortAuto:
		reached, ok := a.discovery.lookUp(local)
		return int(reached.Port()), ok
	case a.o.Port == 0:
		return local, true
	}
	for i, p := range a.o.Ports {
		if p == local {
			return a.o.Port + i, true
		}
	}
	return local, true
}

// Host is the IPv4 address that PASV announces to the client at peer, which reached the
// gateway at reached.
func (a *Advertiser) Host(ctx context.Context, peer, reached netip.Addr) (netip.Addr, error) {
	host := a.o.Host
	for _, n := range a.o.Hosts {
		if n.Network.Contains(peer) {
			host = n.Host
			break
		}
	}
	switch host {
	case "":
		if !reached.Is4() {
			return netip.Addr{}, errors.New("the client came over IPv6")
		}
		return reached, nil
	case Auto:
		public, ok := a.discovery.lookUp(a.o.Ports[0])
		if !ok {
			return netip.Addr{}, errors.New("the public address is not known yet")
		}
		return public.Addr(), nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr, nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0].Unmap(), nil
}

// lookUpEvery is how often the names of passive hosts are looked up without a client.
const lookUpEvery = 5 * time.Minute

// checkHosts looks up the names that PASV announces: at the start, before the first client
// asks, and from time to time. It warns of those without an address, and says when a name
// has another one. A name is looked up for each PASV besides.
func (a *Advertiser) checkHosts(ctx context.Context) {
	known := map[string]string{}
	ticker := time.NewTicker(lookUpEvery)
	defer ticker.Stop()
	for {
		a.lookUpHosts(ctx, known)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lookUpHosts looks up each name once. known has the addresses of the last time, "" for
// none.
func (a *Advertiser) lookUpHosts(ctx context.Context, known map[string]string) {
	hosts := []string{a.o.Host}
	for _, n := range a.o.Hosts {
		hosts = append(hosts, n.Host)
	}
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		if _, err := netip.ParseAddr(host); err == nil || host == "" || host == Auto {
			continue
		}
		addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
		if ctx.Err() != nil {
			return
		}
		a.noteHost(host, addrs, err, known)
	}
}

// noteHost writes about the addresses of a name if they differ from those of the last time.
func (a *Advertiser) noteHost(host string, addrs []netip.Addr, err error, known map[string]string) {
	var texts []string
	for _, addr := range addrs {
		texts = append(texts, addr.Unmap().String())
	}
	slices.Sort(texts)
	now := strings.Join(texts, " ")
	before, seen := known[host]
	if seen && now == before {
		return
	}
	known[host] = now
	switch {
	case err != nil || now == "":
		a.o.Log.Warn("the passive host has no IPv4 address: PASV is refused until it has", "host", host, "setting", "passive.host", "err", err)
	default:
		a.o.Log.Info("the passive host has an address", "host", host, "addresses", texts)
	}
}
