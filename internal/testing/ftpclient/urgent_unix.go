//go:build unix

package ftpclient

import (
	"net"
	"syscall"
)

// writeUrgent writes b to nc with its last byte as TCP urgent data.
func writeUrgent(nc net.Conn, b []byte) (written int, err error) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return 0, errNoUrgent
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, err
	}
	for written < len(b) && err == nil {
		var n int
		var sendErr error
		err = raw.Write(func(fd uintptr) bool {
			n, sendErr = syscall.SendmsgN(int(fd), b[written:], nil, nil, syscall.MSG_OOB)
			return sendErr != syscall.EAGAIN
		})
		if err == nil {
			err = sendErr
		}
		written += max(n, 0)
	}
	return written, err
}
