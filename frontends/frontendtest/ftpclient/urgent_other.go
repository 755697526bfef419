//go:build !unix

package ftpclient

func (c *Conn) sendUrgent([]byte) error { return errNoUrgent }
