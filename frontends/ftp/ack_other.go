//go:build !linux

package ftp

import "syscall"

// ackNow does nothing where acknowledgements cannot be hurried.
func ackNow(syscall.RawConn) {}
