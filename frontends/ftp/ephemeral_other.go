//go:build !linux

package ftp

// takesByItself does not know here.
func takesByItself(int) bool { return false }
