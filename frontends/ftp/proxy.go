package ftp

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
)

// proxyTimeout is how long a proxy may take to say whom it speaks for.
const proxyTimeout = 5 * time.Second

// proxiedConn is a connection that a proxy passed on: it has the client's
// address, and the one that the client reached.
type proxiedConn struct {
	net.Conn
	r             *bufio.Reader
	remote, local net.Addr
}

func (c *proxiedConn) Read(b []byte) (int, error) { return c.r.Read(b) }
func (c *proxiedConn) RemoteAddr() net.Addr       { return c.remote }
func (c *proxiedConn) LocalAddr() net.Addr        { return c.local }

// unproxied reads the PROXY header (v1 or v2) of a connection from one of the
// configured proxies, and returns the connection as the client made it. Every
// other peer is taken as it is: a header from it would be a forged address.
//
// It returns nil for a probe, which says nothing or speaks for itself (v2's
// LOCAL) and leaves: neither a session nor an error.
func (s *Server) unproxied(c net.Conn) (net.Conn, error) {
	if !s.isProxy(c.RemoteAddr()) {
		return c, nil
	}
	return introduced(c)
}

// introduced reads the header of a connection that a proxy made. It returns nil
// for a probe.
func introduced(c net.Conn) (net.Conn, error) {
	if err := c.SetReadDeadline(time.Now().Add(proxyTimeout)); err != nil {
		return nil, err
	}
	r := bufio.NewReader(c)
	if _, err := r.Peek(1); err != nil {
		return nil, nil //nolint:nilerr,nilnil // a probe
	}
	header, err := proxyproto.Read(r)
	if err != nil {
		return nil, fmt.Errorf("ftp: a peer that must speak PROXY does not: %w", err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if header.Command.IsLocal() {
		return nil, nil //nolint:nilnil // a probe
	}
	source, destination, ok := header.TCPAddrs()
	if !ok {
		return nil, fmt.Errorf("ftp: PROXY header without TCP addresses")
	}
	return &proxiedConn{Conn: c, r: r, remote: source, local: destination}, nil
}

func (s *Server) isProxy(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	return containsAddr(s.o.Proxies, t.AddrPort().Addr().Unmap())
}

func containsAddr(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
