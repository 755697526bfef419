package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// extensions are the ones that VERSION names: those that work.
func extensions() [][2]string {
	return [][2]string{
		{wire.PosixRename, "1"}, {wire.StatVFS, "2"}, {wire.Fsync, "1"}, {wire.Lsetstat, "1"}, {wire.Limits, "1"}, {wire.CopyData, "1"},
	}
}

// versionPacket is our VERSION (draft 02, 4).
func versionPacket() []byte {
	p := wire.Begin(wire.TypeVersion, 256).Uint32(3)
	for _, e := range extensions() {
		p = p.Text(e[0]).Text(e[1])
	}
	return p.Framed()
}

// askExtended does an extended request that is not about a handle.
func (s *session) askExtended(r *request) ([]byte, error) {
	switch r.Extended {
	case wire.Limits:
		return limitsPacket(r.ID), nil
	case wire.PosixRename, wire.StatVFS, wire.Lsetstat:
	default:
		return nil, unsupported("there is no such request")
	}
	if r.pathErr != nil {
		return nil, r.pathErr
	}
	switch r.Extended {
	case wire.PosixRename:
		return nil, s.conn.view.Rename(s.conn.ctx, r.paths[0], r.paths[1], vfs.RenameOptions{})
	case wire.Lsetstat: // there are no links
		return nil, s.setstat(r.paths[0], r)
	default:
		return statVFSPacket(r.ID), nil
	}
}

// limitsPacket has the limits (OpenSSH's PROTOCOL, 4.8): the length of a
// packet, of the data of a READ and a WRITE, and how many handles there may be.
func limitsPacket(id uint32) []byte {
	return wire.BeginReply(wire.TypeExtendedReply, id, 4*8).Uint64(wire.MaxPacket).Uint64(maxRead).Uint64(maxData).Uint64(maxOpen).Framed()
}

// statVFSPacket answers df. A store has no size, so it is one that nothing
// fails for: 1 PiB, all of it free.
func statVFSPacket(id uint32) []byte {
	const block, blocks, files, fsid, flags, name = 4096, 1 << 38, 1 << 32, 0, 0, 1024
	p := wire.BeginReply(wire.TypeExtendedReply, id, 11*8)
	for _, v := range []uint64{block, block, blocks, blocks, blocks, files, files, files, fsid, flags, name} {
		p = p.Uint64(v)
	}
	return p.Framed()
}
