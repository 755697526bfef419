//go:build !linux

package listen

import "syscall"

// AckNow does nothing where acknowledgements cannot be hurried.
func AckNow(syscall.RawConn) {}
