package sftp

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/tidegate/tidegate/vfs"
)

// file is a file that is open: a download, an upload, or both where it was opened
// for both.
type file struct {
	lane
	path vfs.Path
	up   *upload
	down *download
}

// openFile opens a file as flags say.
//
//   - READ: a download.
//   - WRITE or APPEND: an upload.
//   - READ and WRITE: an upload; until the first WRITE, and without TRUNC, what
//     is stored can be read, and after that nothing.
//
// A file that this session is writing is taken as what it will be: sshfs sends
// the CLOSE of one handle after the OPEN of the next.
func (s *session) openFile(id uint32, p vfs.Path, flags uint32) ([]byte, error) {
	if err := s.reserve(); err != nil {
		return nil, err
	}
	f := &file{path: p}
	f.lane.init(s, f.answer)
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			s.release()
		}
	}()
	if err := f.open(flags); err != nil {
		return nil, err
	}
	opened = true
	s.track(f)
	return handlePacket(id, s.put(f)), nil
}

func (f *file) open(flags uint32) (err error) {
	var coming *vfs.Info
	if other := f.s.lookup(f.path); other != nil && other.up != nil {
		if info, changed, err := other.up.describe(); changed && err == nil {
			coming = &info
		}
	}
	switch {
	case flags&(flagWrite|flagAppend) != 0:
		f.up, err = f.s.openUpload(f.path, flags, coming)
		if err == nil && flags&(flagRead|flagTruncate|flagExclusive) == flagRead && f.up.old >= 0 {
			f.down = &download{s: f.s, path: f.path}
		}
	case flags&flagRead != 0 && coming != nil:
		f.down = &download{s: f.s, path: f.path}
		f.down.openUpload(*coming)
	case flags&flagRead != 0:
		f.down = &download{s: f.s, path: f.path}
		err = f.down.open()
	default:
		err = vfs.NewError(vfs.KindInvalid, nil)
	}
	return err
}

// add notes a CLOSE when it comes: what comes after it must see what it does. It
// does so when there is room for the CLOSE: what came before might wait for it.
func (f *file) add(r request) {
	f.s.backlog.enter(r.cost())
	if r.kind == typeClose && f.up != nil {
		f.s.commits.begin(f)
		r.done = func() { f.s.commits.end(f) }
	}
	f.lane.push(r)
}

// answer answers a request on the handle.
func (f *file) answer(r *request, room []byte) []byte {
	switch r.kind {
	case typeRead:
		return f.read(r, room)
	case typeFstat:
		info, err := f.stat()
		if err != nil {
			return status(r.id, err)
		}
		return attrsPacket(r.id, info)
	case typeFsetstat:
		return status(r.id, f.setstat(r))
	case typeClose:
		return status(r.id, f.close())
	case typeExtended:
		if r.extended == copyData {
			return status(r.id, f.copyData(r))
		}
		return status(r.id, f.sync())
	default:
		return status(r.id, vfs.NewError(vfs.KindInvalid, nil))
	}
}

// read answers a READ (draft 02, 6.4).
func (f *file) read(r *request, room []byte) []byte {
	if f.down == nil || f.up != nil && f.up.dirty() {
		return status(r.id, unsupported("what is being written cannot be read before it is closed"))
	}
	b := room[:dataHead+min(r.n, maxData)]
	n, err := f.down.readAt(b[dataHead:], int64(r.off))
	switch {
	case n == 0 && (err == nil || errors.Is(err, io.EOF)):
		return statusPacket(r.id, codeEOF, "end of file")
	case err != nil:
		return status(r.id, err)
	}
	binary.BigEndian.PutUint32(b, uint32(dataHead-4+n))
	b[4] = typeData
	binary.BigEndian.PutUint32(b[headBytes:], r.id)
	binary.BigEndian.PutUint32(b[headBytes+4:], uint32(n))
	return b[:dataHead+n]
}

// write takes the data of a WRITE from the inbox.
func (f *file) write(off uint64, n int) error {
	if f.up == nil {
		return errReadOnly
	}
	return f.up.receive(&f.s.in, off, n)
}

// stat describes what is open: an upload as it is by now, what is only stored as
// it was when it was opened.
func (f *file) stat() (vfs.Info, error) {
	if f.up != nil {
		info, _, err := f.up.describe()
		return info, err
	}
	return f.down.info, nil
}

// coming is what the path of the file will be: false when that is what is stored.
func (f *file) coming() (info vfs.Info, changed bool, err error) {
	if f.up != nil {
		return f.up.describe()
	}
	if info := f.down.upload.Load(); info != nil {
		return *info, true, nil
	}
	return vfs.Info{}, false, nil
}

func (f *file) setstat(r *request) error {
	if f.up == nil || r.attrsErr != nil || r.attrs.flags&attrOwner != 0 {
		return f.s.setstat(f.path, r)
	}
	return f.up.setstat(r.attrs)
}

// sync answers fsync: all that was written before has been taken. The receipt is
// CLOSE's.
func (f *file) sync() error {
	if f.up == nil {
		return nil
	}
	return f.up.state()
}

// close ends the file: an upload is committed, or abandoned.
func (f *file) close() error {
	defer f.s.release()
	defer f.s.untrack(f)
	if f.down != nil {
		f.down.close()
	}
	if f.up == nil {
		return nil
	}
	f.s.commits.turn(f)
	return f.up.close()
}

func (f *file) drop() {
	if f.up != nil {
		f.up.fail(f.s.lostReason())
	}
	_ = f.close()
}
