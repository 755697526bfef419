package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

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
	if err := s.conn.reserve(); err != nil {
		return nil, err
	}
	f := &file{s: s}
	f.queue.init(&s.work, p, f.answer)
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			s.conn.release()
		}
	}()
	leave, err := s.conn.account.User.Limits.Transfer()
	if err != nil {
		s.conn.srv.observe.LimitReached(s.conn.ctx, s.conn.client, err)
		return nil, err
	}
	defer func() {
		if !opened {
			leave()
		}
	}()
	if err := f.open(flags); err != nil {
		return nil, err
	}
	ended := s.conn.client.BeginTransfer()
	opened, f.ended = true, func() {
		ended()
		leave()
	}
	f.upload = f.up != nil
	s.handles.track(f)
	return handlePacket(id, s.handles.put(f)), nil
}

func (f *file) open(flags uint32) (err error) {
	var pending *vfs.Info
	if other := f.s.openAt(f.path); other != nil && other.up != nil {
		if info, changed, err := other.up.describe(); changed && err == nil {
			pending = &info
		}
	}
	switch {
	case flags&(wire.OpenWrite|wire.OpenAppend) != 0:
		f.up, err = f.s.openUpload(f.path, flags, pending)
		if err == nil && flags&wire.OpenRead != 0 {
			f.down = f.s.newDownload(f.path)
		}
	case flags&wire.OpenRead != 0 && pending != nil:
		f.down = f.s.newDownload(f.path)
		f.down.openUpload(*pending)
	case flags&wire.OpenRead != 0:
		f.down = f.s.newDownload(f.path)
		f.down.use(func() { err = f.down.open() })
	default:
		err = vfs.NewError(vfs.KindInvalid, nil)
	}
	return err
}

// answer answers a request on the handle.
func (f *file) answer(r *request, room []byte) []byte {
	switch r.Type {
	case wire.TypeRead:
		return f.read(r, room)
	case wire.TypeFstat:
		info, err := f.stat()
		if err != nil {
			return status(r.ID, err)
		}
		return attrsPacket(r.ID, info)
	case wire.TypeFsetstat:
		return f.s.answerTo(r, f.path, f.setstat(r))
	case wire.TypeClose:
		return status(r.ID, f.close())
	case wire.TypeExtended:
		if r.Extended == wire.CopyData {
			return status(r.ID, f.copyData(r))
		}
		return status(r.ID, f.sync())
	default:
		return status(r.ID, vfs.NewError(vfs.KindInvalid, nil))
	}
}
