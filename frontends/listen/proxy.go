package listen

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
)

// proxyTimeout is how long a proxy may take to say whom it speaks for.
const proxyTimeout = 5 * time.Second

// ProxiedConn is a connection that a proxy passed on: it has the client's
// address, and the one that the client reached. Conn is the one to the proxy.
type ProxiedConn struct {
	net.Conn
	r             *bufio.Reader
	remote, local net.Addr
}

// Read reads what follows the header.
func (c *ProxiedConn) Read(b []byte) (int, error) { return c.r.Read(b) }

// RemoteAddr is the client's address.
func (c *ProxiedConn) RemoteAddr() net.Addr { return c.remote }

// LocalAddr is the address that the client reached.
func (c *ProxiedConn) LocalAddr() net.Addr { return c.local }

// Introduced reads the PROXY header (v1 or v2) of a connection from a proxy, and
// returns the connection as the client made it. It returns nil for a probe, which
// says nothing or speaks for itself (v2's LOCAL) and leaves. It does not close c.
func Introduced(c net.Conn) (net.Conn, error) {
	if err := c.SetReadDeadline(time.Now().Add(proxyTimeout)); err != nil {
		return nil, err
	}
	r := bufio.NewReader(c)
	if _, err := r.Peek(1); err != nil {
		return nil, nil //nolint:nilerr,nilnil // a probe
	}
	header, err := proxyproto.Read(r)
	if err != nil {
		return nil, fmt.Errorf("a peer that must speak PROXY does not: %w", err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if header.Command.IsLocal() {
		return nil, nil //nolint:nilnil // a probe
	}
	source, destination, ok := header.TCPAddrs()
	if !ok {
		return nil, errors.New("PROXY header without TCP addresses")
	}
	return &ProxiedConn{Conn: c, r: r, remote: source, local: destination}, nil
}

func contains(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
