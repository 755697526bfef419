//go:build unix

package ledger

import "syscall"

// shut half-closes the control connection: a FIN, and replies can be read.
func (c *ftpClient) shut() error {
	var failed error
	err := c.raw.Control(func(fd uintptr) { failed = syscall.Shutdown(int(fd), syscall.SHUT_WR) })
	if err != nil {
		return err
	}
	return failed
}
