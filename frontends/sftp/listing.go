package sftp

import (
	"iter"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/vfs"
)

// namesBytes is about how long an answer to READDIR is: one packet of SSH, and
// far below the 256 KiB that OpenSSH's client takes.
const namesBytes = 28 << 10

// listing is an open directory.
type listing struct {
	queue
	s   *session
	dir *streams.Directory
	// begun is true when the directory itself and the one above were reported, which
	// come first: some clients delete or change a tree only when they see them.
	begun bool
}

// openDir reads up to the first entry, to know whether the directory is there.
func (s *session) openDir(id uint32, p vfs.Path) ([]byte, error) {
	if err := s.conn.reserve(); err != nil {
		return nil, err
	}
	l := &listing{s: s}
	l.queue.init(&s.work, p, l.answer)
	l.dir = s.conn.listings.Directory(s.looking, func() iter.Seq2[vfs.Info, error] { return s.conn.view.List(s.looking, p) })
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			l.drop()
		}
	}()
	l.dir.Use(func() {})
	if err := l.dir.Err(); err != nil {
		return nil, err
	}
	opened = true
	return handlePacket(id, s.handles.put(l)), nil
}

// answer answers a request on the handle.
func (l *listing) answer(r *request, room []byte) []byte {
	switch r.Type {
	case wire.TypeReaddir:
		return l.read(r.ID, room)
	case wire.TypeFstat:
		info, err := l.s.conn.view.Stat(l.s.looking, l.path, vfs.TypeDir)
		if err != nil {
			return status(r.ID, err)
		}
		return attrsPacket(r.ID, info)
	case wire.TypeExtended:
		if r.Extended != wire.Fsync {
			return status(r.ID, vfs.NewError(vfs.KindInvalid, nil))
		}
		return status(r.ID, nil) // what was done in it is stored
	case wire.TypeFsetstat:
		return l.s.answerTo(r, l.path, l.s.setstat(l.path, r))
	case wire.TypeClose:
		l.drop()
		return status(r.ID, nil)
	default:
		return status(r.ID, vfs.NewError(vfs.KindInvalid, nil))
	}
}

// read answers a READDIR with the next entries (draft 02, 6.7).
func (l *listing) read(id uint32, room []byte) []byte {
	now := time.Now()
	p := wire.BeginReplyIn(room, wire.TypeName, id).Uint32(0)
	count := uint32(0)
	if !l.begun {
		l.begun = true
		for _, name := range []string{".", ".."} {
			p = p.Name(name, attributesOf(l.s.conn.view.Dated(vfs.Info{Name: name, Type: vfs.TypeDir})), now)
			count++
		}
	}
	l.dir.Use(func() {
		for info, ok := l.dir.Ahead(); ok && len(p) < namesBytes; info, ok = l.dir.Ahead() {
			p = p.Name(info.Name, attributesOf(info), now)
			count++
			l.dir.Take()
		}
	})
	switch {
	case count > 0:
		p.PutCount(count)
		return p.Framed()
	case l.dir.Err() != nil:
		return status(id, l.dir.Err())
	}
	return wire.Status(id, wire.EOF, "end of directory")
}

// drop ends the listing.
func (l *listing) drop() {
	defer l.s.conn.release()
	l.dir.Close()
}
