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

// proxyTimeout is how long a proxy may take to send its header.
const proxyTimeout = 5 * time.Second

// ProxiedConn is a connection behind a proxy: it has the client's address, and the
// one that the client connected to, as the proxy announced them. Conn is the
// connection to the proxy.
type ProxiedConn struct {
	net.Conn
	r             *bufio.Reader
	remote, local net.Addr
}

// Read reads what follows the header.
func (c *ProxiedConn) Read(b []byte) (int, error) {
	if c.Buffered() == 0 {
		return c.Conn.Read(b)
	}
	return c.r.Read(b)
}

// Buffered is how many bytes behind the header were received with it and not read yet.
// They are in no socket any more.
func (c *ProxiedConn) Buffered() int { return c.r.Buffered() }

// RemoteAddr is the client's address.
func (c *ProxiedConn) RemoteAddr() net.Addr { return c.remote }

// LocalAddr is the address that the client connected to.
func (c *ProxiedConn) LocalAddr() net.Addr { return c.local }

// ReadProxyHeader reads the PROXY header (version 1 or 2) of a connection from a
// proxy, and returns the connection with the addresses that the proxy announces. It
// returns nil for a probe, which sends nothing or the command LOCAL and closes. It
// does not close c.
func ReadProxyHeader(c net.Conn) (net.Conn, error) {
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
