package sftp

import (
	"github.com/tidegate/tidegate/vfs"
)

// The codes of STATUS (draft 02, 7).
const (
	codeOK          = 0
	codeEOF         = 1
	codeNoSuchFile  = 2
	codeDenied      = 3
	codeFailure     = 4
	codeUnsupported = 8
)

// badHandle is the text for a handle that is none.
const badHandle = "no such handle"

// status is the answer to a request that has failed, or with nil, that has not:
// a code and our short reason, never the store's words. Of io.EOF it is a
// failure: what is at its end says so itself.
func status(id uint32, err error) []byte {
	if err == nil {
		return statusPacket(id, codeOK, "OK")
	}
	return statusPacket(id, kindCode(vfs.KindOf(err)), vfs.ReasonOf(err))
}

// statusPacket is a STATUS (draft 02, 7).
func statusPacket(id, code uint32, text string) []byte {
	return answer(typeStatus, id, 4+4+len(text)+4+2).uint32(code).string(text).string("en").framed()
}

// kindCode is the table from error kinds to codes. Version 3 has few; what has
// no own code is a failure with a text.
func kindCode(k vfs.Kind) uint32 {
	switch k {
	case vfs.KindNotExist:
		return codeNoSuchFile
	case vfs.KindPermission:
		return codeDenied
	case vfs.KindUnsupported:
		return codeUnsupported
	default:
		return codeFailure
	}
}

// unsupported is a refusal of what SFTP can ask for and nothing here can do.
func unsupported(reason string) error {
	return &vfs.Error{Kind: vfs.KindUnsupported, Reason: reason}
}
