package sftp

import (
	"iter"
	"slices"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// namesBytes is about how long an answer to READDIR is: one packet of SSH, and
// far below the 256 KiB that OpenSSH's client takes.
const namesBytes = 28 << 10

// listing is an open directory. It holds one page of the store's at a time, unless
// too many others are open: then it is parked, and lists again up to where it was.
type listing struct {
	queue
	s *session
	// begun is true when the directory itself and the one above were reported, which
	// come first: some clients delete or change a tree only when they see them.
	begun bool

	// next and stop are nil while nothing is open at the store.
	next  func() (vfs.Info, error, bool)
	stop  func()
	place stream
	// ahead is the next entry; valid is false at the end, and err then says why it
	// is one.
	ahead vfs.Info
	err   error
	valid bool

	// reported counts the entries that were reported, and recent are the last ones of them.
	reported int
	recent   []entry
	// again is true when it lists again, and passing while it has not come to
	// recent.
	again, passing bool
}

// entry is what is reported of a directory once.
type entry struct {
	name string
	t    vfs.Type
}

const (
	// maxRecent is how many entries a listing remembers: one of them will be there
	// when it comes to where it was, however many were removed meanwhile.
	maxRecent = 64
	// maxAgain is how many entries are listed again. A larger directory has to be
	// read in one go.
	maxAgain = 50_000
)

// openDir reads up to the first entry, to know whether the directory is there.
func (s *session) openDir(id uint32, p vfs.Path) ([]byte, error) {
	if err := s.conn.reserve(); err != nil {
		return nil, err
	}
	l := &listing{s: s, valid: true}
	l.queue.init(&s.work, p, l.answer)
	l.place.drop, l.place.ctx = l.park, s.looking
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			l.drop()
		}
	}()
	l.use(func() {})
	if l.err != nil {
		return nil, l.err
	}
	opened = true
	return handlePacket(id, s.handles.put(l)), nil
}

// use calls do while the listing has its place at the store, and ahead is known.
func (l *listing) use(do func()) {
	if l.valid {
		l.s.conn.listings.enter(&l.place)
		defer func() { l.s.conn.listings.leave(&l.place, l.next != nil) }()
	}
	if l.valid && l.next == nil {
		l.next, l.stop = iter.Pull2(l.s.conn.view.List(l.s.looking, l.path))
		l.again, l.passing = l.reported > 0, l.reported > len(l.recent)
		l.step()
	}
	do()
	if !l.valid {
		l.shut()
	}
}

// park closes what is open at the store. The entry ahead will come again.
func (l *listing) park() {
	l.shut()
	if l.reported > maxAgain {
		l.valid, l.err = false, &vfs.Error{Kind: vfs.KindBusy, Reason: "too many large directories are open"}
	}
}

func (l *listing) shut() {
	if l.next != nil {
		l.stop()
		l.next, l.stop = nil, nil
	}
}

// step takes the next entry that was not reported. Entries keep their order while a
// directory changes, so that after the first of those that were reported last only new
// ones, and the others of these, can come.
func (l *listing) step() {
	for {
		l.ahead, l.err, l.valid = l.next()
		if l.err != nil {
			l.valid = false
		}
		if !l.valid {
			break
		}
		known := l.again && slices.Contains(l.recent, entry{l.ahead.Name, l.ahead.Type})
		if !known && !l.passing {
			return
		}
		l.passing = l.passing && !known
	}
	if l.err == nil && l.passing {
		l.err = vfs.NewError(vfs.KindConflict, nil)
	}
}

// report notes that the entry ahead is reported.
func (l *listing) report() {
	l.reported++
	if len(l.recent) == maxRecent {
		l.recent = append(l.recent[:0], l.recent[maxRecent/2:]...)
	}
	l.recent = append(l.recent, entry{l.ahead.Name, l.ahead.Type})
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
	l.use(func() {
		for ; l.valid && len(p) < namesBytes; count++ {
			p = p.Name(l.ahead.Name, attributesOf(l.ahead), now)
			l.report()
			l.step()
		}
	})
	switch {
	case count > 0:
		p.PutCount(count)
		return p.Framed()
	case l.err != nil:
		return status(id, l.err)
	}
	return wire.Status(id, wire.EOF, "end of directory")
}

// drop ends the listing.
func (l *listing) drop() {
	defer l.s.conn.release()
	l.s.conn.listings.end(&l.place)
	l.shut()
}
