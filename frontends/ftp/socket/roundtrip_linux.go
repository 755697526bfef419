package socket

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// RoundTripOf returns the kernel's estimate for c. known is false when there is none.
func RoundTripOf(c net.Conn) (r RoundTrip, known bool) {
	err := withDescriptor(c, func(fd int) {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil || info.Rtt == 0 {
			return
		}
		r.Usual = time.Duration(info.Rtt) * time.Microsecond
		r.Least = min(time.Duration(info.Min_rtt)*time.Microsecond, r.Usual)
		known = true
	})
	return r, known && err == nil
}
