package listen

import (
	"context"
	"net"
	"net/netip"

	"github.com/tidegate/tidegate/internal/observe"
)

// Options configure a Door.
type Options struct {
	// Observe is told of connections that are refused.
	Observe *observe.Reporter
	// MaxSessions bounds the sessions at once, and MaxSessionsPerAddress those
	// of one client address; 0 means no bound.
	MaxSessions, MaxSessionsPerAddress int
	// Proxies are the peers that must speak the PROXY protocol, version 1 or 2.
	// All others must not.
	Proxies []netip.Prefix
}

// Door is where the connections of one frontend come in. Its methods may be
// called at the same time.
type Door struct {
	proxies []netip.Prefix
	crowd   *crowd
	observe *observe.Reporter
}

// New returns a Door with nobody inside.
func New(o Options) *Door {
	return &Door{
		proxies: o.Proxies,
		crowd:   newCrowd(o.MaxSessions, o.MaxSessionsPerAddress),
		observe: o.Observe,
	}
}

// Client returns raw as its client made it: a connection from a proxy has the
// client's address. It returns nil, and has closed raw, when nobody is to be
// served: for a probe, which is neither a session nor an error, and for a proxy
// that does not say whom it speaks for.
func (d *Door) Client(raw net.Conn) net.Conn {
	if !contains(d.proxies, AddrOf(raw)) {
		// A header from it would be a forged address.
		return raw
	}
	c, err := Introduced(raw)
	if err != nil {
		d.refuse(raw, Refusal{"no PROXY header", "proxy_protocol"}, err)
	}
	if c == nil {
		_ = raw.Close()
	}
	return c
}

// Enter takes one more session, or notes that there is no room for it. Leave
// follows when it took it.
func (d *Door) Enter(c net.Conn) bool {
	refusal, ok := d.crowd.enter(AddrOf(c))
	if !ok {
		d.Refuse(c, refusal)
	}
	return ok
}

// Leave notes that a session is over.
func (d *Door) Leave(c net.Conn) { d.crowd.leave(AddrOf(c)) }

// Refuse notes that a connection is turned away. It does not close it.
func (d *Door) Refuse(c net.Conn, why Refusal) { d.refuse(c, why, nil) }

func (d *Door) refuse(c net.Conn, why Refusal, err error) {
	d.observe.ConnectionRefused(context.Background(), RemoteOf(c), why.Reason, why.Setting, err)
}

// Refusal is why connections are turned away, in the words of the log, and the
// setting that decides it.
type Refusal struct{ Reason, Setting string }

// AddrOf is the address of the other side of c, the zero Addr where it has none.
func AddrOf(c net.Conn) netip.Addr {
	return RemoteOf(c).Addr()
}

// RemoteOf is AddrOf with the port.
func RemoteOf(c net.Conn) netip.AddrPort {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	}
	return netip.AddrPort{}
}
