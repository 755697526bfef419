//go:build !unix

package socket

import "net"

// Ended reports false: this system is not asked.
func Ended(net.Conn) bool { return false }

// HasBytes reports false: this system is not asked.
func HasBytes(net.Conn) bool { return false }

// AwaitBytes reports false: this system is not asked.
func AwaitBytes(net.Conn) bool { return false }
