package ftptest

import (
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/vfs"
)

// codes returns the replies that a client may get to an operation that failed
// with an error of the kind k. The suite has a table of its own, so that it does
// not rely on the table of the server. RFC 959, 4.2 has the meanings; 554 is
// defined in RFC 3659, 5.4. 553 is about a name that the client wants to write to.
func codes(op frontendtest.Op, k vfs.Kind) []int {
	switch k {
	case vfs.KindNotExist, vfs.KindExist, vfs.KindIsDir, vfs.KindNotDir, vfs.KindPermission:
		switch op {
		case frontendtest.OpCreate, frontendtest.OpWrite, frontendtest.OpCommit:
			return []int{553}
		case frontendtest.OpRename:
			// RNFR may refuse already, with 550.
			return []int{553, 550}
		case frontendtest.OpList:
			if k == vfs.KindNotDir {
				return []int{501} // RFC 3659, 7.2.1
			}
			return []int{550}
		default:
			return []int{550}
		}
	case vfs.KindNotEmpty, vfs.KindLocked:
		return []int{550}
	case vfs.KindInvalid, vfs.KindCrossMount, vfs.KindTooMany:
		return []int{553}
	case vfs.KindOffset:
		return []int{554}
	case vfs.KindUnsupported:
		return []int{504}
	case vfs.KindTooLarge, vfs.KindQuota:
		return []int{552}
	case vfs.KindNoSpace:
		return []int{452}
	case vfs.KindConflict, vfs.KindBusy:
		return []int{450}
	case vfs.KindCanceled:
		return []int{426}
	case vfs.KindUnavailable, vfs.KindInternal:
		return []int{451}
	default:
		return nil
	}
}
