package sftp

import (
	"github.com/tidegate/tidegate/vfs"
)

// file is what the library reads from and writes to: a download, an upload, or
// both where a file was opened for both.
type file struct {
	s    *session
	path vfs.Path
	up   *upload
	down *download
	// turns are those of the WRITEs.
	turns *turns
	// closing is the CLOSE that the client has sent, nil when it has not.
	closing *closing
}

// openFile opens a file as flags say, of the flags in packet.go.
//
//   - READ: a download.
//   - WRITE or APPEND: an upload.
//   - READ and WRITE: an upload; until the first WRITE, and without TRUNC, what
//     is stored can be read, and after that nothing.
//
// A file that this session is writing is taken as what it will be: sshfs sends
// the CLOSE of one handle after the OPEN of the next.
func (s *session) openFile(p vfs.Path, flags uint32) (*file, error) {
	f := &file{s: s, path: p, turns: newTurns()}
	var coming *vfs.Info
	if other := s.lookup(p); other != nil && other.up != nil {
		if info, ok := other.up.describe(); ok {
			coming = &info
		}
	}
	if err := s.track(p, f); err != nil {
		return nil, err
	}
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			s.untrack(p, f)
		}
	}()
	if err := f.open(flags, coming); err != nil {
		return nil, err
	}
	opened = true
	s.filter.opened(f)
	return f, nil
}

func (f *file) open(flags uint32, coming *vfs.Info) (err error) {
	switch {
	case flags&(flagWrite|flagAppend) != 0:
		f.up, err = f.s.openUpload(f.path, flags, coming)
		if err == nil && flags&(flagRead|flagTruncate|flagExclusive) == flagRead && f.up.old >= 0 {
			f.down = &download{s: f.s, path: f.path}
		}
	case flags&flagRead != 0 && coming != nil:
		f.down = &download{s: f.s, path: f.path, info: *coming}
	case flags&flagRead != 0:
		f.down = &download{s: f.s, path: f.path}
		err = f.down.open()
	default:
		err = vfs.NewError(vfs.KindInvalid, nil)
	}
	return err
}

func (f *file) WriteAt(b []byte, off int64) (n int, err error) {
	defer f.s.guard(&err)
	defer f.turns.await(off, len(b))()
	if f.up == nil {
		return 0, statusOf(&vfs.Error{Kind: vfs.KindPermission, Reason: "file is open for reading only"})
	}
	if err := f.up.writeAt(b, off); err != nil {
		return 0, statusOf(err)
	}
	return len(b), nil
}

func (f *file) ReadAt(b []byte, off int64) (n int, err error) {
	defer f.s.guard(&err)
	if f.down == nil || f.up != nil && f.up.dirty() {
		return 0, statusOf(unsupported("what is being written cannot be read before it is closed"))
	}
	n, err = f.down.readAt(b, off)
	return n, statusOf(err)
}

// TransferError is the library's word that the channel ended without a CLOSE.
func (f *file) TransferError(error) {
	if f.up != nil {
		f.up.fail(f.s.lostReason())
	}
}

// Close is called once. The library holds all files of the session while it runs,
// so the commit of an upload that the client has closed runs beside it: see
// closes.
func (f *file) Close() (err error) {
	defer f.s.guard(&err)
	if f.down != nil {
		f.down.close()
	}
	switch {
	case f.up == nil:
		f.s.untrack(f.path, f)
		return nil
	case f.closing == nil:
		return f.finish()
	}
	f.s.commits.begin(f)
	f.s.wg.Go(func() {
		defer f.s.commits.end(f)
		err := f.finish()
		if reply := f.s.filter.closes.finish(f.closing, err); reply != nil {
			_ = f.s.filter.send(reply, nil)
		}
	})
	return nil
}

// finish ends an upload.
func (f *file) finish() (err error) {
	defer f.s.guard(&err)
	defer f.s.untrack(f.path, f)
	return statusOf(f.up.close())
}

// info describes the file as it is open. It has nothing to say to a question
// about the path when it is only read, and there is something to read.
func (f *file) info(onHandle bool) (vfs.Info, bool) {
	if f.up != nil {
		return f.up.describe()
	}
	return f.down.describe(onHandle)
}
