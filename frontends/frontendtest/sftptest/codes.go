package sftptest

import (
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/vfs"
)

// codes returns the codes that a client may get for an operation that failed with
// an error of the kind k (draft-ietf-secsh-filexfer-02, 7). The suite has a table
// of its own, so that it does not rely on the table of the server.
func codes(op frontendtest.Op, k vfs.Kind) []int {
	if op == frontendtest.OpStat && k == vfs.KindNotDir { // what OpenSSH says of a path below a file
		return []int{noSuchFile}
	}
	switch k {
	case vfs.KindNotExist:
		return []int{noSuchFile}
	case vfs.KindPermission:
		return []int{denied}
	case vfs.KindUnsupported:
		return []int{unsupported}
	default:
		return []int{failure}
	}
}
