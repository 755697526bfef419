package passive

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"
)

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
		p.o.Log.Warn("data connection refused", "remote_ip", addressOf(c).String(), "port", port.number, "err", err)
	}
	if err != nil || client == nil || p.isClosed() {
		_ = c.Close()
		return
	}
	if r := p.deliver(client, addressOf(client), port); r != nil {
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
	p.logStray(from, port)
	_ = c.Close()
	return nil
}

// take notes a connection. Plane.mu is held. It does not fire connect: whatever else has
// arrived at the port is looked at before the port may go on.
func (r *Reservation) take(c net.Conn) {
	if r.connectedAt.IsZero() {
		r.connectedAt = time.Now()
		r.peer.taken[r] = struct{}{}
		r.wait(r.p.o.Patience)
	} else {
		// Two connections for one reservation: they alone do not show
		// which session each belongs to.
		r.peer.trouble = time.Now()
		r.doubt()
	}
	if len(r.conns) == maxCandidates {
		_ = r.conns[0].Close()
		r.conns = r.conns[1:]
	}
	r.conns = append(r.conns, c)
	r.notify()
}

// stray notes a connection to port without a reservation. While the port rests, it is the late
// connection for which the port rests. Otherwise another connection may have taken its
// reservation, so the connections of the address on that port become suspect. A session that
// can prove that a connection is its own ignores that.
func (p *Plane) stray(addr netip.Addr, port *port) {
	p.metrics.Strays.Add(1)
	pe := p.peers[addr]
	if pe != nil {
		pe.trouble = time.Now()
		if pe.resting[port] != nil {
			return
		}
	}
	p.strayed.note(addr, p.o.Quarantine)
	if pe == nil {
		return
	}
	for r := range pe.taken {
		// A displaced connection comes soon after the one that took its place.
		if r.port == port && time.Since(r.connectedAt) < p.o.Patience {
			r.doubt()
		}
	}
}

// logStray writes about a connection without a reservation: the first of a port in a minute
// is a warning. A scanner makes thousands.
func (p *Plane) logStray(from netip.Addr, port *port) {
	level := slog.LevelDebug
	if p.strays.Note(port.number, from.String()) {
		level = slog.LevelWarn
	}
	p.o.Log.LogAttrs(context.Background(), level, "data connection without a reservation", slog.String("remote_ip", from.String()), slog.Int("port", port.number))
}

// addressOf is the client's address, the zero Addr where the connection has none.
func addressOf(c net.Conn) netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
