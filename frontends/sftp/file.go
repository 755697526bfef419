package sftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// file is a file that is open: a download, an upload, or both where it was opened
// for both.
type file struct {
	queue
	s    *session
	up   *upload
	down *download
	// ended is called when the file is closed: it is no running transfer then.
	ended func()
	// mtime is what the client has set for a file that is open for reading.
	mtime time.Time
}

func (f *file) at() vfs.Path { return f.path }
func (f *file) writes() bool { return f.up != nil }

// openAt returns the file that this session has open at p, nil when there is none.
func (s *session) openAt(p vfs.Path) *file {
	f, _ := s.handles.lookup(p).(*file)
	return f
}

// read answers a READ with all that was asked for, up to maxRead: there are
// clients that take less for the end of the file, and only there it is less (draft
// 02, 6.4).
func (f *file) read(r *request, room []byte) []byte {
	if f.down == nil {
		return status(r.ID, errUnread)
	}
	var reply []byte
	left := 0
	f.down.use(func() { reply, left = f.readDown(r, room) })
	if left > 0 {
		f.stream(reply, int64(r.Offset)+int64(len(reply)-wire.DataHead), left)
		return nil
	}
	return reply
}

// readDown returns the answer to a READ. If room is too small for it, it returns the first part,
// and how many bytes of the data are missing.
func (f *file) readDown(r *request, room []byte) (reply []byte, left int) {
	off := int64(r.Offset)
	n, err := f.length(off, min(r.Length, maxRead))
	switch {
	case err != nil:
		return status(r.ID, err), 0
	case n == 0:
		return wire.Status(r.ID, wire.EOF, "end of file"), 0
	}
	b := room[:min(wire.DataHead+n, len(room))]
	if err := f.down.readAt(b[wire.DataHead:], off); err != nil {
		return status(r.ID, err), 0
	}
	wire.PutDataHead(b, r.ID, n)
	return b, wire.DataHead + n - len(b)
}

// length returns how many of the n bytes at off can be read, 0 at the end of the
// file and behind it.
func (f *file) length(off int64, n uint32) (int, error) {
	if f.up != nil {
		atEnd, err := f.up.readable(off)
		if err != nil || atEnd {
			return 0, err
		}
	}
	return f.down.length(off, n)
}

// stream sends an answer of which b is the first part, and of whose data left bytes
// from off on are missing: so a long READ is answered when all long buffers are in
// use. Nothing else of the channel is answered meanwhile, and while the client does not take
// a part, the reader is idle. What has begun cannot become a refusal, so that an error ends the
// channel.
func (f *file) stream(b []byte, off int64, left int) {
	room := b[:cap(b)]
	err := f.s.out.stream(b, func() (p []byte, err error) {
		if left == 0 {
			return nil, nil
		}
		p = room[:min(left, len(room))]
		f.down.use(func() { err = f.down.readAt(p, off) })
		off, left = off+int64(len(p)), left-len(p)
		return p, err
	})
	if err != nil {
		f.s.conn.log.Info("answer to a READ was cut off, the session ends", "path", f.path.String(), "err", err)
		f.s.conn.wg.Go(f.s.hangUp)
	}
}

// write takes the data of a WRITE from the inbox.
func (f *file) write(off uint64, n int) error {
	if f.up == nil {
		return errReadOnly
	}
	return f.up.receive(f.s.in, off, n)
}

// stat describes what is open: an upload as it is by now, what is only stored as
// it was when it was opened.
func (f *file) stat() (vfs.Info, error) {
	if f.up != nil {
		info, _, err := f.up.describe()
		return info, err
	}
	info := f.down.info
	if !f.mtime.IsZero() {
		info.ModTime = f.mtime
	}
	return info, nil
}

// pending returns what the path of the file will be: false when that is what is stored.
func (f *file) pending() (info vfs.Info, changed bool, err error) {
	if f.up != nil {
		return f.up.describe()
	}
	if info := f.down.upload.Load(); info != nil {
		return *info, true, nil
	}
	return vfs.Info{}, false, nil
}

func (f *file) setstat(r *request) error {
	switch {
	case f.up != nil:
		if err := f.s.settable(f.path, r); err != nil {
			return err
		}
		return f.up.setstat(r.Attributes)
	case r.Attributes.Flags&wire.AttrSize != 0:
		return errReadOnly
	case f.s.conn.revoked(): // a download changes nothing
		return errLeaving
	}
	err := f.s.setstat(f.path, r)
	if err == nil && r.Attributes.Flags&wire.AttrTimes != 0 {
		f.mtime = r.Attributes.ModTime
	}
	return err
}

// sync answers fsync: what was written is stored. After that it can be read, as it
// is now.
func (f *file) sync() error {
	if f.up == nil {
		return nil
	}
	err := f.up.sync()
	if err == nil && f.down != nil {
		f.down.close()
		f.down = f.s.newDownload(f.path)
	}
	return err
}

// close ends the file: an upload is committed, or abandoned.
func (f *file) close() error {
	defer f.s.conn.release()
	defer f.ended()
	defer f.s.handles.untrack(f)
	if f.down != nil {
		f.down.close()
	}
	if f.up == nil {
		return nil
	}
	return f.up.close()
}

func (f *file) drop() {
	if f.up != nil {
		f.up.abandon(f.s.lostReason())
	}
	_ = f.close()
}
