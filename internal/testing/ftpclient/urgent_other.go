//go:build !unix

package ftpclient

import "net"

func writeUrgent(net.Conn, []byte) (int, error) { return 0, errNoUrgent }
