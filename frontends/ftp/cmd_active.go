package ftp

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/data"
)

func activeCommands() []command {
	return []command{
		{
			verb: "PORT", does: answered, rfc: "959 4.1.2", between: true, args: "h1,h2,h3,h4,p1,p2", run: answerBy(cmdPORT),
			library: "connects to every port of the client's address",
		},
		{
			verb: "EPRT", does: answered, rfc: "2428 2", between: true, args: "|protocol|address|port|", run: answerBy(cmdEPRT),
			library: "does not check the protocol",
		},
		refusal("LPRT", "1639", "address", "500", 502, "Use EPRT"),
		refusal("LPSV", "1639", "", "502", 502, "Use EPSV"),
	}
}

func cmdPORT(s *session, l control.Line) {
	to, ok := parsePORT(l.Arg)
	connectTo(s, l.Verb, to, ok)
}

func cmdEPRT(s *session, l control.Line) {
	to, family, ok := parseEPRT(l.Arg)
	wanted := 1
	if s.control.Peer().Is6() {
		wanted = 2
	}
	if ok && s.settings.Active && family != wanted {
		s.control.Reply(522, "Network protocol not supported, use ("+strconv.Itoa(wanted)+")")
		return
	}
	connectTo(s, l.Verb, to, ok)
}

// connectTo takes the address of PORT or EPRT, if it is the client's own. With another
// address the client could make the gateway attack another host (RFC 2577, 3), or make two
// servers exchange a file.
func connectTo(s *session, verb string, to netip.AddrPort, ok bool) {
	switch {
	case !s.settings.Active:
		s.refuseBy(verb, answer{502, "Active mode is off, use PASV or EPSV"}, "active_mode_off", "active = true")
	case s.par.epsvAll:
		s.control.Reply(503, "EPSV ALL was sent, use EPSV")
	case !ok:
		s.control.Reply(501, verb+" needs an address and a port")
	case to.Addr() != s.control.Peer().WithZone(""):
		s.control.Reply(504, "Not the address that you come from")
	case to.Port() < data.LowestActivePort:
		s.control.Reply(504, "Not a port of a client")
	default:
		s.data.ConnectTo(netip.AddrPortFrom(s.control.Peer(), to.Port()))
		s.control.Reply(200, "Address noted")
	}
}

// parsePORT reads six numbers: four of an IPv4 address, two of a port.
func parsePORT(arg string) (netip.AddrPort, bool) {
	var b [6]byte
	words := strings.Split(strings.TrimSpace(arg), ",")
	if len(words) != len(b) {
		return netip.AddrPort{}, false
	}
	for i, word := range words {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 8)
		if err != nil {
			return netip.AddrPort{}, false
		}
		b[i] = byte(n)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[:4])), uint16(b[4])<<8|uint16(b[5])), true
}

// parseEPRT reads "|1|192.0.2.1|50000|". Any printable character may stand in
// the place of "|".
func parseEPRT(arg string) (to netip.AddrPort, family int, ok bool) {
	arg = strings.TrimSpace(arg)
	if len(arg) < 2 || arg[0] < 33 || arg[0] > 126 || arg[0] != arg[len(arg)-1] {
		return to, 0, false
	}
	words := strings.Split(arg[1:len(arg)-1], arg[:1])
	if len(words) != 3 {
		return to, 0, false
	}
	family, err := strconv.Atoi(words[0])
	addr, err2 := netip.ParseAddr(words[1])
	port, err3 := strconv.ParseUint(words[2], 10, 16)
	if err != nil || err2 != nil || err3 != nil || addr.Zone() != "" {
		return to, 0, false
	}
	if family == 1 && !addr.Is4() || family == 2 && !addr.Is6() {
		return to, 0, false
	}
	return netip.AddrPortFrom(addr, uint16(port)), family, true
}
