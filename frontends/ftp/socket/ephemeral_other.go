//go:build !linux

package socket

// Ephemeral reports false: this system is not asked.
func Ephemeral(int) bool { return false }
