package ftpclient

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// endpoint is where the next data connection comes from: an address to connect
// to, or a listener that the server connects to.
type endpoint struct {
	addr string
	l    net.Listener
}

// endpoint negotiates the next data connection.
func (c *Conn) endpoint() (endpoint, error) {
	switch c.o.Data {
	case PASV:
		addr, err := c.Passive()
		return endpoint{addr: addr}, err
	case EPRT, PORT:
		return c.activeEndpoint()
	default:
		addr, err := c.ExtendedPassive()
		return endpoint{addr: addr}, err
	}
}

// Passive sends PASV and returns the address of the reply, as the server says
// it.
func (c *Conn) Passive() (string, error) {
	r, err := c.Do("PASV", 227)
	if err != nil {
		return "", err
	}
	return parsePASV(r.Text())
}

// ExtendedPassive sends EPSV and returns the server's address with the port of
// the reply (RFC 2428 section 3).
func (c *Conn) ExtendedPassive() (string, error) {
	r, err := c.Do("EPSV", 229)
	if err != nil {
		return "", err
	}
	port, err := parseEPSV(r.Text())
	if err != nil {
		return "", err
	}
	host, _, err := net.SplitHostPort(c.conn.RemoteAddr().String())
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

func (c *Conn) activeEndpoint() (endpoint, error) {
	host, _, err := net.SplitHostPort(c.conn.LocalAddr().String())
	if err != nil {
		return endpoint{}, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return endpoint{}, err
	}
	ap, err := netip.ParseAddrPort(l.Addr().String())
	if err == nil {
		_, err = c.Do(activeCommand(c.o.Data, ap), 200)
	}
	if err != nil {
		l.Close()
		return endpoint{}, err
	}
	return endpoint{l: l}, nil
}

func activeCommand(m DataMode, ap netip.AddrPort) string {
	ip := ap.Addr().Unmap()
	if m == PORT {
		return fmt.Sprintf("PORT %s,%d,%d", strings.ReplaceAll(ip.String(), ".", ","), ap.Port()>>8, ap.Port()&0xff)
	}
	family := 1
	if ip.Is6() {
		family = 2
	}
	return fmt.Sprintf("EPRT |%d|%s|%d|", family, ip, ap.Port())
}

// connect opens the TCP connection. An active endpoint must have been announced to
// the server, and the transfer command sent.
func (c *Conn) connect(e endpoint) (net.Conn, error) {
	if e.l == nil {
		return c.dial(e.addr)
	}
	defer e.l.Close()
	if tl, ok := e.l.(*net.TCPListener); ok {
		if err := tl.SetDeadline(time.Now().Add(c.o.Timeout)); err != nil {
			return nil, err
		}
	}
	nc, err := e.l.Accept()
	return c.urgent(nc), err
}

func (e endpoint) close() {
	if e.l != nil {
		e.l.Close()
	}
}

// parsePASV finds "h1,h2,h3,h4,p1,p2" in the text of a 227.
func parsePASV(text string) (string, error) {
	_, inside, ok := strings.Cut(text, "(")
	inside, _, closed := strings.Cut(inside, ")")
	fields := strings.Split(inside, ",")
	if !ok || !closed || len(fields) != 6 {
		return "", fmt.Errorf("ftpclient: no address in 227 %q", text)
	}
	var b [6]byte
	for i, f := range fields {
		n, err := strconv.ParseUint(f, 10, 8)
		if err != nil {
			return "", fmt.Errorf("ftpclient: no address in 227 %q", text)
		}
		b[i] = byte(n)
	}
	ip := netip.AddrFrom4([4]byte(b[:4]))
	return netip.AddrPortFrom(ip, uint16(b[4])<<8|uint16(b[5])).String(), nil
}

// parseEPSV finds "(|||port|)" in the text of a 229; the delimiter may be any
// character.
func parseEPSV(text string) (int, error) {
	_, inside, ok := strings.Cut(text, "(")
	inside, _, closed := strings.Cut(inside, ")")
	if !ok || !closed || len(inside) < 5 {
		return 0, fmt.Errorf("ftpclient: no port in 229 %q", text)
	}
	d := inside[:1]
	digits, found := strings.CutPrefix(inside, d+d+d)
	digits, ended := strings.CutSuffix(digits, d)
	port, err := strconv.ParseUint(digits, 10, 16)
	if !found || !ended || err != nil || port == 0 {
		return 0, fmt.Errorf("ftpclient: no port in 229 %q", text)
	}
	return int(port), nil
}
