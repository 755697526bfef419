// Package ephemeral knows the ports that the kernel gives to outgoing connections of any
// program. A server's own port should not be one of them: another program may have it at
// the next start.
package ephemeral

// The range of an unchanged Linux.
const (
	DefaultFirst = 32768
	DefaultLast  = 60999
)

// Default reports whether a kernel with unchanged settings gives port to outgoing
// connections.
func Default(port int) bool { return DefaultFirst <= port && port <= DefaultLast }
