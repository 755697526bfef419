package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// ports reports ports that cannot be listened on, or not always.
func (l *loader) ports() {
	var all []Listening
	for _, f := range l.config.Frontends {
		listener, ok := f.Config.(Listener)
		if !ok {
			continue
		}
		for _, b := range listener.Listens() {
			for _, a := range all {
				if port, both := overlap(a.Address, b.Address); both {
					l.problem(b.At, "Port is used twice", fmt.Sprintf("Port %d of this address is already used at %s. Write another one.", port, place(a.At)))
					break
				}
			}
			all = append(all, b)
			l.ephemeral(b)
		}
	}
}

// ephemeral warns of ports that other programs may have at a start.
func (l *loader) ephemeral(b Listening) {
	_, first, last, ok := splitListen(b.Address)
	if !ok || first == 0 {
		return
	}
	for port := first; port <= last; port++ {
		if l.options.ephemeralPort(port) {
			l.report(b.At, hcl.Diagnostics{Warning(b.At, "Port may be taken by another program",
				fmt.Sprintf("The kernel gives port %d to outgoing connections of any program, and a start fails while one has it. "+
					"Write ports outside of net.ipv4.ip_local_port_range (32768 to 60999 unless it was changed), or reserve them: "+
					"sysctl -w net.ipv4.ip_local_reserved_ports=%s", port, b.Address[strings.LastIndexByte(b.Address, ':')+1:]))})
			return
		}
	}
}

// overlap returns a port that both addresses have. Port 0 means any free port.
func overlap(a, b string) (port int, both bool) {
	hostA, firstA, lastA, okA := splitListen(a)
	hostB, firstB, lastB, okB := splitListen(b)
	port = max(firstA, firstB)
	return port, okA && okB && port > 0 && firstA > 0 && firstB > 0 && port <= min(lastA, lastB) && sameHost(hostA, hostB)
}

// sameHost reports whether two hosts to listen on have an address in common. "0.0.0.0" and
// "::" both stand for all addresses of both families: that is how Go listens.
func sameHost(a, b string) bool {
	addrA, okA := addressOf(a)
	addrB, okB := addressOf(b)
	if !okA || !okB {
		return a == b || okA && addrA.IsUnspecified() || okB && addrB.IsUnspecified()
	}
	return addrA == addrB || addrA.IsUnspecified() || addrB.IsUnspecified()
}
