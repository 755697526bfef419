package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// badHandle is the text for a handle that is none.
const badHandle = "no such handle"

// status returns the answer to a request that has failed with err, or has succeeded if err is
// nil: a code and our short reason, never the text of the store. io.EOF is a failure here: the
// callers answer the end of a file or a directory themselves.
func status(id uint32, err error) []byte {
	if err == nil {
		return wire.Status(id, wire.OK, "OK")
	}
	return wire.Status(id, kindCode(vfs.KindOf(err)), vfs.ReasonOf(err))
}

// kindCode is the table from error kinds to codes. Version 3 has few; what has
// no own code is a failure with a text.
func kindCode(k vfs.Kind) wire.Code {
	switch k {
	case vfs.KindNotExist:
		return wire.NoSuchFile
	case vfs.KindPermission:
		return wire.PermissionDenied
	case vfs.KindUnsupported:
		return wire.OpUnsupported
	default:
		return wire.Failure
	}
}

// unsupported is a refusal of what SFTP can ask for and nothing here can do.
func unsupported(reason string) error {
	return &vfs.Error{Kind: vfs.KindUnsupported, Reason: reason}
}

// attrsPacket is an ATTRS (draft 02, 7).
func attrsPacket(id uint32, i vfs.Info) []byte {
	return wire.BeginReply(wire.TypeAttrs, id, 64).Attributes(attributesOf(i)).Framed()
}

// namePacket is the NAME that answers REALPATH: its attributes say nothing
// (draft 02, 6.11).
func namePacket(id uint32, p vfs.Path) []byte {
	name := p.String()
	return wire.BeginReply(wire.TypeName, id, 64+2*len(name)).Uint32(1).Text(name).Text(name).Uint32(0).Framed()
}

// handlePacket is a HANDLE (draft 02, 7).
func handlePacket(id uint32, name string) []byte {
	return wire.BeginReply(wire.TypeHandle, id, 32).Text(name).Framed()
}
