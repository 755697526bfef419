package ftpclient

import (
	"errors"
	"net"
)

var errNoUrgent = errors.New("ftpclient: urgent data is not possible on this connection")

// sendUrgent sends b with its last byte as TCP urgent data.
func (c *Conn) sendUrgent(b []byte) error {
	_, err := writeUrgent(c.conn, b)
	return err
}

// urgentConn sends the last byte of every write as TCP urgent data.
type urgentConn struct{ *net.TCPConn }

func (c urgentConn) Write(b []byte) (int, error) { return writeUrgent(c.TCPConn, b) }

// Urgent returns a TCP connection that sends the last byte of every write as
// urgent data. Any other connection stays as it is.
func Urgent(nc net.Conn) net.Conn {
	if tcp, ok := nc.(*net.TCPConn); ok {
		return urgentConn{tcp}
	}
	return nc
}

// urgent makes nc one whose writes are urgent, if that is what was asked for.
func (c *Conn) urgent(nc net.Conn) net.Conn {
	if c.o.Urgent {
		return Urgent(nc)
	}
	return nc
}
