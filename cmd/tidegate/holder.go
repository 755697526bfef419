package main

import (
	"fmt"
	"net"

	psnet "github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// holderOf names the process that has a TCP port: "haproxy (process 1234)", or "another
// program" when that cannot be found out, as for another user's process without root.
func holderOf(addr net.Addr) string {
	const unknown = "another program"
	wanted, ok := addr.(*net.TCPAddr)
	if !ok {
		return unknown
	}
	all, err := psnet.Connections("tcp")
	if err != nil {
		return unknown
	}
	var pid int32
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
	if pid == 0 {
		return unknown
	}
	name := unknown
	if p, err := process.NewProcess(pid); err == nil {
		if n, err := p.Name(); err == nil && n != "" {
			name = printable(n)
		}
	}
	return fmt.Sprintf("%s (process %d)", name, pid)
}
