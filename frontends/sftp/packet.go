package sftp

import "encoding/binary"

// The types of packets that the filter knows (draft 02, 3).
const (
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
	typeExtended = 200
	typeReply    = 201
)

// failure is SSH_FX_FAILURE.
const failure = 4

// pathsOf returns the paths in a request as they were sent. The library cleans
// them before a handler sees them, and would make a good path of one that no
// path can be: "/a\x00/../b".
func pathsOf(packet []byte) []string {
	count := 0
	switch packet[4] {
	case typeOpen, typeLstat, typeSetstat, typeOpendir, typeRemove, typeMkdir, typeRmdir, typeRealpath, typeStat, typeReadlink:
		count = 1
	case typeRename, typeSymlink:
		count = 2
	case typeExtended:
		// The name of the request, and the one or two paths of those that the
		// library knows. Attributes never follow.
		count = 3
	}
	var paths []string
	for rest := packet[min(len(packet), headBytes+4):]; count > 0; count-- {
		name, more, ok := cutString(rest)
		if !ok {
			break
		}
		paths, rest = append(paths, name), more
	}
	return paths
}

// handleOf returns the handle that a request is about, and what follows it.
func handleOf(packet []byte) (handle string, rest []byte, ok bool) {
	switch packet[4] {
	case typeClose, typeRead, typeWrite, typeFstat, typeFsetstat, typeReaddir:
		return cutString(packet[min(len(packet), headBytes+4):])
	}
	return "", nil, false
}

// idOf returns the id of a request or reply, which is long enough.
func idOf(packet []byte) uint32 { return binary.BigEndian.Uint32(packet[headBytes:]) }

// statusPacket is a STATUS that answers a request (draft 02, 7).
func statusPacket(id, code uint32, text string) []byte {
	p := binary.BigEndian.AppendUint32([]byte{typeStatus}, id)
	p = binary.BigEndian.AppendUint32(p, code)
	return framed(appendString(appendString(p, text), "en"))
}

// extensions are what the VERSION packet names: what works.
func extensions() [][2]string {
	return [][2]string{
		{"posix-rename@openssh.com", "1"},
		{"statvfs@openssh.com", "2"},
		{"fsync@openssh.com", "1"},
		{"lsetstat@openssh.com", "1"},
		{"limits@openssh.com", "1"},
	}
}

// versionPacket is our VERSION (draft 02, 4).
func versionPacket() []byte {
	p := binary.BigEndian.AppendUint32([]byte{typeVersion}, 3)
	for _, e := range extensions() {
		p = appendString(appendString(p, e[0]), e[1])
	}
	return framed(p)
}

// The open flags (draft 02, 6.3).
const (
	flagRead = 1 << iota
	flagWrite
	flagAppend
	flagCreate
	flagTruncate
	flagExclusive

	// flagShift is where markOpen keeps what the client asked for.
	flagShift = 16
	flagMask  = flagExclusive<<1 - 1
)

// markOpen makes the library open every file for reading and writing, and keeps
// what the client asked for in the upper half of the flags. Opened for one of
// them alone, the library takes a packet of the other kind for one of its own: a
// READ on a file that is being written would write zeroes. Other packets stay
// as they are.
func markOpen(packet []byte) []byte {
	if packet[4] != typeOpen {
		return packet
	}
	_, rest, ok := cutString(packet[min(len(packet), headBytes+4):])
	if !ok || len(rest) < 4 {
		return packet // the library refuses it
	}
	flags := binary.BigEndian.Uint32(rest) & flagMask
	if flags&(flagRead|flagWrite|flagAppend) == 0 {
		flags = 0
	}
	binary.BigEndian.PutUint32(rest, flags<<flagShift|flagRead|flagWrite)
	return packet
}

// translate returns an extended request as the library knows it, or the reply to
// one that it does not.
func translate(packet []byte) (request, reply []byte) {
	if len(packet) < headBytes+4 {
		return packet, nil
	}
	id := packet[headBytes : headBytes+4]
	name, rest, ok := cutString(packet[headBytes+4:])
	if !ok {
		return packet, nil
	}
	switch name {
	case "limits@openssh.com":
		return nil, limitsReply(id)
	case "fsync@openssh.com":
		// A setstat of nothing: what was written before it has been taken when
		// it is answered, since replies keep the order of requests. The receipt
		// is CLOSE's.
		handle, _, ok := cutString(rest)
		if !ok {
			return packet, nil
		}
		p := appendString(append([]byte{typeFsetstat}, id...), handle)
		return framed(binary.BigEndian.AppendUint32(p, 0)), nil
	case "lsetstat@openssh.com":
		// There are no links, so it is SETSTAT.
		return framed(append(append([]byte{typeSetstat}, id...), rest...)), nil
	}
	return packet, nil
}

// limitsReply tells the limits (OpenSSH's PROTOCOL, 4.8): the length of a packet,
// of the data of a READ and a WRITE, and how many handles there may be.
func limitsReply(id []byte) []byte {
	p := append([]byte{typeReply}, id...)
	for _, limit := range []uint64{maxPacket, maxData, maxData, maxOpen} {
		p = binary.BigEndian.AppendUint64(p, limit)
	}
	return framed(p)
}

// framed puts its length before a packet.
func framed(p []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(p)), uint32(len(p))), p...)
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// cutString takes a string off the front of b.
func cutString(b []byte) (s string, rest []byte, ok bool) {
	if len(b) < 4 {
		return "", nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return "", nil, false
	}
	return string(b[4 : 4+n]), b[4+n:], true
}
