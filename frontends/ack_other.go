//go:build !linux

package frontends

import "syscall"

// AckNow does nothing where acknowledgements cannot be hurried.
func AckNow(syscall.RawConn) {}
