package sftp

import (
	"slices"
	"sync"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// class says what a request does to names. A request that is in order waits for
// those before it that it conflicts with:
//
//   - two looks never conflict;
//   - a change conflicts with every look and every change, as one store may stand
//     at several paths, and a change of one name may make or remove the directories
//     above another;
//   - a file change conflicts with what touches its path: one of the two paths is
//     the other, or lies below it.
type class uint8

const (
	// look: the request changes nothing (STAT, OPENDIR, OPEN for reading alone).
	look class = iota
	// change: the request changes names (MKDIR, RENAME, REMOVE, SETSTAT, OPEN for
	// writing).
	change
	// fileChange: the request is about a handle, and changes what is at the path
	// of the handle (CLOSE and fsync of an upload, copy-data, FSETSTAT).
	fileChange
)

// classOf returns the class of a request about names.
func classOf(r *wire.Request) class {
	switch r.Type {
	case wire.TypeMkdir, wire.TypeRmdir, wire.TypeRemove, wire.TypeRename, wire.TypeSetstat:
		return change
	case wire.TypeOpen:
		if r.Flags&^wire.OpenRead != 0 {
			return change
		}
	case wire.TypeExtended:
		if r.Extended == wire.PosixRename || r.Extended == wire.Lsetstat {
			return change
		}
	default:
	}
	return look
}

// changesFile reports whether a request on a handle is a fileChange. What requests
// set of an upload shows at its path.
func changesFile(r *wire.Request, upload bool) bool {
	switch r.Type {
	case wire.TypeClose:
		return upload
	case wire.TypeFsetstat:
		return true
	case wire.TypeExtended:
		return upload && (r.Extended == wire.Fsync || r.Extended == wire.CopyData)
	default:
		return false
	}
}

// turn is the place of a request in the order.
type turn struct {
	class class
	// paths are those that the request is about.
	paths []vfs.Path
	// seq counts the turns of the session.
	seq uint64
	// blockers is how many of the turns before this one have not ended that it
	// waits for, and blocked are the turns that wait for this one. A turn may
	// stand there twice, and is counted twice then.
	blockers int
	blocked  []*turn
	// ready is closed when blockers is 0.
	ready chan struct{}
}

// order decides when the requests of a session about names may begin: results are
// those that the requests would have one after the other, as they came. Every turn
// waits for earlier ones alone, so that they cannot wait for each other in a circle.
type order struct {
	mu sync.Mutex
	// seq is the number of the last turn.
	seq uint64
	// names are the looks and changes that have not ended, as they came.
	names []*turn
	// files has the last file change at each path that has not ended. It ends after
	// all before it at its path.
	files map[vfs.Path]*turn
}

// begin gives a request its turn. It is called in the order in which the requests
// came.
func (o *order) begin(c class, paths ...vfs.Path) *turn {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seq++
	t := &turn{class: c, paths: paths, seq: o.seq, ready: make(chan struct{})}
	if c == fileChange {
		o.beginFile(t)
	} else {
		o.beginName(t)
	}
	if t.blockers == 0 {
		close(t.ready)
	}
	return t
}

func (o *order) beginName(t *turn) {
	// The last change ends after all that came before it.
	for i := len(o.names) - 1; i >= 0; i-- {
		before := o.names[i]
		if t.class == change || before.class == change {
			t.waitFor(before)
		}
		if before.class == change {
			break
		}
	}
	for _, before := range o.files {
		if t.touches(before) {
			t.waitFor(before)
		}
	}
	o.names = append(o.names, t)
}

func (o *order) beginFile(t *turn) {
	at := t.paths[0].Place()
	since := uint64(0) // what the last one at the path has waited for is done with it
	if last := o.files[at]; last != nil {
		since = last.seq
	}
	for _, before := range o.files {
		if t.touches(before) {
			t.waitFor(before)
		}
	}
	for i := len(o.names) - 1; i >= 0 && o.names[i].seq > since; i-- {
		if t.touches(o.names[i]) {
			t.waitFor(o.names[i])
		}
	}
	if o.files == nil {
		o.files = map[vfs.Path]*turn{}
	}
	o.files[at] = t
}

// end ends a turn, so that those can begin that have waited for it alone.
func (o *order) end(t *turn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t.class == fileChange {
		if at := t.paths[0].Place(); o.files[at] == t {
			delete(o.files, at)
		}
	} else {
		at := slices.Index(o.names, t)
		o.names = slices.Delete(o.names, at, at+1)
	}
	for _, next := range t.blocked {
		next.blockers--
		if next.blockers == 0 {
			close(next.ready)
		}
	}
	t.blocked = nil
}

func (t *turn) waitFor(before *turn) {
	t.blockers++
	before.blocked = append(before.blocked, t)
}

// touches reports whether a path of the one is one of the other, or above or below
// it.
func (t *turn) touches(other *turn) bool {
	for _, p := range t.paths {
		for _, q := range other.paths {
			_, below := p.Cut(q)
			_, above := q.Cut(p)
			if below || above {
				return true
			}
		}
	}
	return false
}

// await returns when the turn may begin.
func (t *turn) await() { <-t.ready }
