package ephemeral

import (
	"os"
	"strconv"
	"strings"
)

// portRange is a range of ports, both ends included.
type portRange struct{ first, last int }

func (r portRange) contains(port int) bool { return r.first <= port && port <= r.last }

// Port reports whether the kernel of this machine gives port to outgoing connections of any
// program: it may not be free at the next start then.
func Port(port int) bool {
	whole, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return false
	}
	reserved, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_reserved_ports")
	if err != nil {
		return false
	}
	return givenOut(port, string(whole), string(reserved))
}

// givenOut is Port with what the kernel's two files say: "32768\t60999" and
// "30000-30007,50000".
func givenOut(port int, whole, reserved string) bool {
	fields := strings.Fields(whole)
	if len(fields) != 2 || !parseRange(fields[0]+"-"+fields[1]).contains(port) {
		return false
	}
	for _, text := range strings.Split(strings.TrimSpace(reserved), ",") {
		if parseRange(text).contains(port) {
			return false
		}
	}
	return true
}

// parseRange reads "50000-50007" or "50000". What is neither contains no port.
func parseRange(text string) portRange {
	from, to, several := strings.Cut(text, "-")
	if !several {
		to = from
	}
	first, err := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if err != nil || err2 != nil {
		return portRange{1, 0}
	}
	return portRange{first, last}
}
