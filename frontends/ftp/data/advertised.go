package data

import (
	"net"
	"strconv"
)

// String returns what PASV announces to clients of no special network, for operators:
// "ftp.contoso.example:30000".
func (a *Advertiser) String() string {
	host := a.o.Host
	port, ok := a.Port(a.o.Ports[0])
	if host == Auto {
		if public, known := a.discovery.lookUp(a.o.Ports[0]); known {
			host = public.Addr().String()
		}
	}
	if !ok {
		return host + ", port not known yet"
	}
	ports := strconv.Itoa(port)
	if last, ok := a.Port(a.o.Ports[len(a.o.Ports)-1]); ok && last != port {
		ports += "-" + strconv.Itoa(last)
	}
	if host == "" {
		return "port " + ports + " of the address that the client has reached"
	}
	return net.JoinHostPort(host, ports)
}
