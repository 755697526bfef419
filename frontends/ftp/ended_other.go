//go:build !unix

package ftp

import "net"

// ended cannot tell here: the reader will.
func ended(net.Conn) bool { return false }

// hasBytes cannot tell here.
func hasBytes(net.Conn) bool { return false }
