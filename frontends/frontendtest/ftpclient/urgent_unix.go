//go:build unix

package ftpclient

import (
	"net"
	"syscall"
)

// sendUrgent sends b with its last byte as TCP urgent data.
func (c *Conn) sendUrgent(b []byte) error {
	tcp, ok := c.conn.(*net.TCPConn)
	if !ok {
		return errNoUrgent
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var sendErr error
	err = raw.Write(func(fd uintptr) bool {
		_, sendErr = syscall.SendmsgN(int(fd), b, nil, nil, syscall.MSG_OOB)
		return sendErr != syscall.EAGAIN
	})
	if err != nil {
		return err
	}
	return sendErr
}
