package sftp

import "github.com/tidegate/tidegate/vfs"

// askExtended does an extended request that is not about a handle.
func (s *session) askExtended(r *request) ([]byte, error) {
	switch r.extended {
	case limits:
		return limitsPacket(r.id), nil
	case posixRename, statVFS, lsetstat:
	default:
		return nil, unsupported("there is no such request")
	}
	p, err := s.path(r.path)
	if err != nil {
		return nil, err
	}
	switch r.extended {
	case posixRename:
		return nil, s.rename(p, r.target, vfs.RenameOptions{})
	case lsetstat: // there are no links
		return nil, s.setstat(p, r)
	default:
		return statVFSPacket(r.id), nil
	}
}

// limitsPacket tells the limits (OpenSSH's PROTOCOL, 4.8): the length of a
// packet, of the data of a READ and a WRITE, and how many handles there may be.
func limitsPacket(id uint32) []byte {
	return answer(typeReply, id, 4*8).uint64(maxPacket).uint64(maxRead).uint64(maxData).uint64(maxOpen).framed()
}

// statVFSPacket answers df. A store tells no size, so it is one that nothing
// fails for: 1 PiB, all of it free.
func statVFSPacket(id uint32) []byte {
	const block, blocks, files, fsid, flags, name = 4096, 1 << 38, 1 << 32, 0, 0, 1024
	p := answer(typeReply, id, 11*8)
	for _, v := range []uint64{block, block, blocks, blocks, blocks, files, files, files, fsid, flags, name} {
		p = p.uint64(v)
	}
	return p.framed()
}
