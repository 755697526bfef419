package listen

import (
	"net"
	"syscall"
)

// Config returns how the ports of clients are bound: with what is sent as
// TCP urgent data left in the stream.
//
// Without that the system takes the urgent byte out: Python's ftplib and Ruby's
// Net::FTP send "ABOR\r\n" as urgent data, and its LF would be lost; on a data
// connection the file would lack a byte. The connections inherit it from the
// listener, so it holds for what arrives before they are accepted as well.
//
// Multipath TCP is off. It has no urgent data, and its sockets refuse the option,
// also those that turn out to be plain TCP.
func Config() *net.ListenConfig {
	lc := &net.ListenConfig{Control: KeepUrgent}
	lc.SetMultipathTCP(false)
	return lc
}

// KeepUrgent leaves urgent data in the stream of a socket that is not connected
// yet. It is a Control function of net.ListenConfig and net.Dialer.
func KeepUrgent(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) { err = keepUrgent(fd) }); e != nil {
		return e
	}
	return err
}
