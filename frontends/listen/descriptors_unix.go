//go:build unix

package listen

import (
	"math"
	"syscall"
)

// MaxDescriptors returns how many descriptors the process may have: each connection of a
// client, each connection to a store and each open file of a local one takes one.
func MaxDescriptors() int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt64
	}
	return int64(min(uint64(limit.Cur), math.MaxInt64))
}
