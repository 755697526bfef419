package sftptest

import (
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/vfs"
)

// codes says which codes an operation may get that failed with an error of the
// kind k (draft-ietf-secsh-filexfer-02, 7). It is written down once more here,
// apart from any server's own table.
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
