package sftp

import (
	"encoding/binary"
	"errors"
)

// The types of packets (draft 02, 3).
const (
	typeInit     = 1
	typeVersion  = 2
	typeOpen     = 3
	typeClose    = 4
	typeRead     = 5
	typeWrite    = 6
	typeLstat    = 7
	typeFstat    = 8
	typeSetstat  = 9
	typeFsetstat = 10
	typeOpendir  = 11
	typeReaddir  = 12
	typeRemove   = 13
	typeMkdir    = 14
	typeRmdir    = 15
	typeRealpath = 16
	typeStat     = 17
	typeRename   = 18
	typeReadlink = 19
	typeSymlink  = 20
	typeStatus   = 101
	typeHandle   = 102
	typeData     = 103
	typeName     = 104
	typeAttrs    = 105
	typeExtended = 200
	typeReply    = 201
)

const (
	// maxPacket bounds a WRITE: what OpenSSH's server takes.
	maxPacket = 256 << 10
	// maxSmall bounds every other packet: two paths and some attributes.
	maxSmall = 32 << 10
	// maxData is what clients put into a READ and a WRITE that know of no limits
	// of ours (draft 02, 6.4), and what a WRITE is told to have at most.
	maxData = 32 << 10
	// maxRead is what a READ gets at most, as of OpenSSH's server: clients take
	// packets of 256 KiB.
	maxRead = maxPacket - 1<<10
	// headBytes are the length and the type of a packet, dataHead those and the
	// id and the length of a DATA.
	headBytes, dataHead = 5, 13
	// maxHandle bounds a handle (draft 02, 6.3).
	maxHandle = 256
)

// errPacket is a packet that is none. What follows it cannot be understood, so
// it ends the channel.
var errPacket = errors.New("sftp: malformed packet")

// fields takes a packet apart. After a field that is cut off all are zero, and
// bad is true.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) take(n int) []byte {
	if f.bad || n > len(f.rest) {
		f.bad = true
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) uint32() uint32 {
	if b := f.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (f *fields) uint64() uint64 {
	if b := f.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// string takes a string; one that is longer than any packet is cut off, however
// large int is.
func (f *fields) string() string {
	n := f.uint32()
	if n > maxPacket {
		f.bad = true
		return ""
	}
	return string(f.take(int(n)))
}

// packet is one that is being made: its length comes last.
type packet []byte

// answer begins the packet that answers the request id. room is for what
// follows.
func answer(kind byte, id uint32, room int) packet {
	p := make(packet, 4, headBytes+4+room)
	return append(p, kind).uint32(id)
}

func (p packet) uint32(v uint32) packet { return binary.BigEndian.AppendUint32(p, v) }
func (p packet) uint64(v uint64) packet { return binary.BigEndian.AppendUint64(p, v) }

func (p packet) string(s string) packet { return append(p.uint32(uint32(len(s))), s...) }

// framed sets the length.
func (p packet) framed() []byte {
	binary.BigEndian.PutUint32(p, uint32(len(p)-4))
	return p
}

// extensions are what the VERSION packet names: what works.
func extensions() [][2]string {
	return [][2]string{
		{"posix-rename@openssh.com", "1"},
		{"statvfs@openssh.com", "2"},
		{"fsync@openssh.com", "1"},
		{"lsetstat@openssh.com", "1"},
		{"limits@openssh.com", "1"},
		{"copy-data", "1"},
	}
}

// versionPacket is our VERSION (draft 02, 4).
func versionPacket() []byte {
	p := append(make(packet, 4), typeVersion).uint32(3)
	for _, e := range extensions() {
		p = p.string(e[0]).string(e[1])
	}
	return p.framed()
}

// The open flags (draft 02, 6.3).
const (
	flagRead = 1 << iota
	flagWrite
	flagAppend
	flagCreate
	flagTruncate
	flagExclusive
)
