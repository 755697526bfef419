package ftp

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// tripOf asks the kernel for the round trips of a connection.
func tripOf(c net.Conn) (r roundTrip, known bool) {
	err := withSocket(c, func(fd int) {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil || info.Rtt == 0 {
			return
		}
		r.usual = time.Duration(info.Rtt) * time.Microsecond
		r.least = min(time.Duration(info.Min_rtt)*time.Microsecond, r.usual)
		known = true
	})
	return r, known && err == nil
}
