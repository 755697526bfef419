package wire

import "fmt"

// Type is the type of a packet (draft 02, 3).
type Type uint8

// The types of packets.
const (
	TypeInit          Type = 1
	TypeVersion       Type = 2
	TypeOpen          Type = 3
	TypeClose         Type = 4
	TypeRead          Type = 5
	TypeWrite         Type = 6
	TypeLstat         Type = 7
	TypeFstat         Type = 8
	TypeSetstat       Type = 9
	TypeFsetstat      Type = 10
	TypeOpendir       Type = 11
	TypeReaddir       Type = 12
	TypeRemove        Type = 13
	TypeMkdir         Type = 14
	TypeRmdir         Type = 15
	TypeRealpath      Type = 16
	TypeStat          Type = 17
	TypeRename        Type = 18
	TypeReadlink      Type = 19
	TypeSymlink       Type = 20
	TypeStatus        Type = 101
	TypeHandle        Type = 102
	TypeData          Type = 103
	TypeName          Type = 104
	TypeAttrs         Type = 105
	TypeExtended      Type = 200
	TypeExtendedReply Type = 201
)

// String names the type as the draft does.
func (t Type) String() string {
	switch t {
	case TypeInit:
		return "INIT"
	case TypeVersion:
		return "VERSION"
	case TypeOpen:
		return "OPEN"
	case TypeClose:
		return "CLOSE"
	case TypeRead:
		return "READ"
	case TypeWrite:
		return "WRITE"
	case TypeLstat:
		return "LSTAT"
	case TypeFstat:
		return "FSTAT"
	case TypeSetstat:
		return "SETSTAT"
	case TypeFsetstat:
		return "FSETSTAT"
	case TypeOpendir:
		return "OPENDIR"
	case TypeReaddir:
		return "READDIR"
	case TypeRemove:
		return "REMOVE"
	case TypeMkdir:
		return "MKDIR"
	case TypeRmdir:
		return "RMDIR"
	case TypeRealpath:
		return "REALPATH"
	case TypeStat:
		return "STAT"
	case TypeRename:
		return "RENAME"
	case TypeReadlink:
		return "READLINK"
	case TypeSymlink:
		return "SYMLINK"
	case TypeStatus:
		return "STATUS"
	case TypeHandle:
		return "HANDLE"
	case TypeData:
		return "DATA"
	case TypeName:
		return "NAME"
	case TypeAttrs:
		return "ATTRS"
	case TypeExtended:
		return "EXTENDED"
	case TypeExtendedReply:
		return "EXTENDED_REPLY"
	default:
		return fmt.Sprintf("type %d", uint8(t))
	}
}

// Code is the code of a STATUS (draft 02, 7).
type Code uint32

// The codes that version 3 has for the answers of a server.
const (
	OK               Code = 0
	EOF              Code = 1
	NoSuchFile       Code = 2
	PermissionDenied Code = 3
	Failure          Code = 4
	BadMessage       Code = 5
	OpUnsupported    Code = 8
)

// String names the code as the draft does.
func (c Code) String() string {
	switch c {
	case OK:
		return "OK"
	case EOF:
		return "EOF"
	case NoSuchFile:
		return "NO_SUCH_FILE"
	case PermissionDenied:
		return "PERMISSION_DENIED"
	case Failure:
		return "FAILURE"
	case BadMessage:
		return "BAD_MESSAGE"
	case OpUnsupported:
		return "OP_UNSUPPORTED"
	default:
		return fmt.Sprintf("code %d", uint32(c))
	}
}

// The flags of OPEN (draft 02, 6.3).
const (
	OpenRead = 1 << iota
	OpenWrite
	OpenAppend
	OpenCreate
	OpenTruncate
	OpenExclusive
)

// The flags of attributes (draft 02, 5).
const (
	AttrSize     = 1 << 0
	AttrOwner    = 1 << 1
	AttrMode     = 1 << 2
	AttrTimes    = 1 << 3
	AttrExtended = 1 << 31
)

// The names of extended requests (OpenSSH's PROTOCOL, 4; copy-data:
// draft-ietf-secsh-filexfer-extensions-00, 7).
const (
	PosixRename = "posix-rename@openssh.com"
	StatVFS     = "statvfs@openssh.com"
	Fsync       = "fsync@openssh.com"
	Lsetstat    = "lsetstat@openssh.com"
	Limits      = "limits@openssh.com"
	CopyData    = "copy-data"
)

// Bounds, in bytes.
const (
	// MaxPacket bounds a WRITE without its length: what OpenSSH's server takes.
	MaxPacket = 256 << 10
	// MaxOther bounds every other request: two paths and some attributes.
	MaxOther = 32 << 10
	// MaxHandle bounds a handle (draft 02, 6.3).
	MaxHandle = 256
	// HeadBytes are the length and the type of a packet.
	HeadBytes = 5
	// DataHead is what stands before the data of a DATA: its length, type and id,
	// and the length of the data.
	DataHead = HeadBytes + 4 + 4
)
