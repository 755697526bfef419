package portholder

import (
	"fmt"
	"net"
	"os"
	"strings"
	"unicode"

	psnet "github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// unknown is the holder that cannot be found out: another user's, without root.
const unknown = "another program"

// Of names the process that has a TCP port: "haproxy (process 1234)", or "another program"
// when that cannot be found out.
func Of(addr net.Addr) string {
	pid := find(addr)
	if pid == 0 {
		return unknown
	}
	return fmt.Sprintf("%s (process %d)", nameOf(pid), pid)
}

// IsOwn reports whether this process has a TCP port.
func IsOwn(addr net.Addr) bool { return int(find(addr)) == os.Getpid() }

// find returns the process that has a TCP port, 0 when that cannot be found out.
func find(addr net.Addr) (pid int32) {
	wanted, ok := addr.(*net.TCPAddr)
	if !ok {
		return 0
	}
	all, err := psnet.Connections("tcp")
	if err != nil {
		return 0
	}
	for _, c := range all {
		ip := net.ParseIP(c.Laddr.IP)
		same := len(wanted.IP) == 0 || wanted.IP.IsUnspecified() || ip.IsUnspecified() || ip.Equal(wanted.IP)
		if c.Pid == 0 || int(c.Laddr.Port) != wanted.Port || !same {
			continue
		}
		// A connection from this port is a reason too, where nothing listens.
		if pid == 0 || c.Status == "LISTEN" {
			pid = c.Pid
		}
	}
	return pid
}

// nameOf returns the name of a process, which may have chosen it.
func nameOf(pid int32) string {
	p, err := process.NewProcess(pid)
	if err != nil {
		return unknown
	}
	name, err := p.Name()
	if err != nil || name == "" {
		return unknown
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\ufffd'
	}, name)
}
