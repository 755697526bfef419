package sftp

import (
	"encoding/binary"
	"iter"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// namesBytes is about how long an answer to READDIR is: one packet of SSH, and
// far below the 256 KiB that OpenSSH's client takes.
const namesBytes = 28 << 10

// listing is an open directory. It holds one page of the store's at a time.
type listing struct {
	lane
	path vfs.Path

	// begun is true when the directory itself and the one above were told, which
	// come first: some clients delete or change a tree only when they see them.
	begun bool

	next func() (vfs.Info, error, bool)
	stop func()
	// ahead is the next entry, valid is false at the end.
	ahead vfs.Info
	err   error
	valid bool
}

// openDir reads up to the first entry, to know whether the directory is there.
func (s *session) openDir(id uint32, p vfs.Path) ([]byte, error) {
	if err := s.reserve(); err != nil {
		return nil, err
	}
	l := &listing{path: p}
	l.lane.init(s, l.answer)
	l.next, l.stop = iter.Pull2(s.view.List(s.looking, p))
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			l.drop()
		}
	}()
	if l.step(); l.err != nil {
		return nil, l.err
	}
	opened = true
	return handlePacket(id, s.put(l)), nil
}

func (l *listing) step() { l.ahead, l.err, l.valid = l.next() }

// answer answers a request on the handle.
func (l *listing) answer(r *request, room []byte) []byte {
	switch r.kind {
	case typeReaddir:
		return l.read(r.id, room)
	case typeFstat:
		info, err := l.s.view.Stat(l.s.looking, l.path, vfs.TypeDir)
		if err != nil {
			return status(r.id, err)
		}
		return attrsPacket(r.id, info)
	case typeExtended:
		if r.extended != fsync {
			return status(r.id, vfs.NewError(vfs.KindInvalid, nil))
		}
		return status(r.id, nil) // what was done in it is stored
	case typeFsetstat:
		return status(r.id, l.s.setstat(l.path, r))
	case typeClose:
		l.drop()
		return status(r.id, nil)
	default:
		return status(r.id, vfs.NewError(vfs.KindInvalid, nil))
	}
}

// read answers a READDIR with the next entries (draft 02, 6.7).
func (l *listing) read(id uint32, room []byte) []byte {
	now := time.Now()
	p := packet(append(room[:4], typeName)).uint32(id).uint32(0)
	count := uint32(0)
	if !l.begun {
		l.begun = true
		for _, name := range []string{".", ".."} {
			p = p.name(vfs.Info{Name: name, Type: vfs.TypeDir}, now)
			count++
		}
	}
	for ; l.valid && l.err == nil && len(p) < namesBytes; count++ {
		p = p.name(l.ahead, now)
		l.step()
	}
	switch {
	case count > 0:
		binary.BigEndian.PutUint32(p[headBytes+4:], count)
		return p.framed()
	case l.err != nil:
		return status(id, l.err)
	}
	return statusPacket(id, codeEOF, "end of directory")
}

// drop ends the listing.
func (l *listing) drop() {
	defer l.s.release()
	l.stop()
}
