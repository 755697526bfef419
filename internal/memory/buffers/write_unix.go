//go:build unix

package buffers

import "syscall"

// writeNow writes what the socket takes without a wait, and returns how many bytes that
// were. Errors are left to the next write.
func (c *Conn) writeNow(b []byte) (n int) {
	if c.raw == nil {
		return 0
	}
	_ = c.raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), b)
		return true
	})
	return max(n, 0)
}
