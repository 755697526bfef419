package ftp

import (
	"net"
	"slices"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/ephemeral"
)

// checkPorts warns of configured ports that the kernel may give to any program's
// connection: the next start would fail by accident.
func (s *Server) checkPorts() {
	var ports []int
	if _, first, _, err := passive.ParseListen(s.o.Passive.Listen); err == nil && first != 0 {
		ports = s.plane.Ports()
	}
	if _, port, err := net.SplitHostPort(s.o.Listen); err == nil && port != "0" {
		if a, ok := s.listener.Addr().(*net.TCPAddr); ok {
			ports = append(ports, a.Port)
		}
	}
	ports = slices.DeleteFunc(ports, func(port int) bool { return !ephemeral.Port(port) })
	if len(ports) > 0 {
		s.o.Log.Warn("the kernel may give these ports to connections of any program, and the next start fails then", "ports", ports,
			"hint", "ports outside of net.ipv4.ip_local_port_range, or net.ipv4.ip_local_reserved_ports")
	}
}
