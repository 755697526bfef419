package sftp

import (
	"io"

	"github.com/tidegate/tidegate/vfs"
)

// copyPiece is how much is copied at once where the gateway has to do it.
const copyPiece = 256 << 10

// wire.CopyData does copy-data (draft-ietf-secsh-filexfer-extensions-00, 7): what is
// read from one handle is written to this one. A whole file that becomes a whole
// file is copied by the store itself, where it can, and by the CLOSE, which is the
// receipt; everything else is read and written here.
func (f *file) copyData(r *request) error {
	switch {
	case r.from == nil:
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: badHandle}
	case r.from.down == nil:
		return &vfs.Error{Kind: vfs.KindPermission, Reason: "there is nothing to read from"}
	case f.up == nil:
		return errReadOnly
	case r.from.path == f.path:
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: "a file cannot be copied onto itself"}
	case r.from.up != nil, r.from.down.upload.Load() != nil:
		return errWritten
	}
	from := r.from.down.info
	whole := r.Offset == 0 && r.At == 0 && (r.CopyLength == 0 || r.CopyLength >= uint64(from.Size))
	// Without versions the store might copy what was not opened.
	if whole && from.Version != "" && f.s.conn.view.CanCopy(r.from.path, f.path) && f.up.becomes(r.from.path, from) {
		return nil
	}
	return f.relay(r, from)
}

// relay reads and writes. Others may ask what has been written between the
// reads.
func (f *file) relay(r *request, from vfs.Info) error {
	if r.Offset >= uint64(from.Size) {
		return nil
	}
	left := from.Size - int64(r.Offset)
	if r.CopyLength > 0 {
		left = int64(min(uint64(left), r.CopyLength))
	}
	source, err := f.s.conn.view.Open(f.s.looking, r.from.path, vfs.OpenOptions{Offset: int64(r.Offset), Version: from.Version})
	if err != nil {
		return f.up.fail(err)
	}
	defer func() { _ = source.Close() }()
	b := make([]byte, min(copyPiece, left))
	for at := r.At; left > 0; {
		n, err := io.ReadFull(source, b[:min(int64(len(b)), left)])
		if err != nil {
			return f.up.fail(cutShort(err))
		}
		if err := f.up.receive(&bytesSource{b[:n]}, at, n); err != nil {
			return err
		}
		at, left = at+uint64(n), left-int64(n)
	}
	return nil
}

// bytesSource is a source of what is there.
type bytesSource struct{ rest []byte }

func (s *bytesSource) Some(n int) ([]byte, error) {
	b := s.rest[:min(n, len(s.rest))]
	s.rest = s.rest[len(b):]
	return b, nil
}

// original is the file that the store shall copy.
type original struct {
	path vfs.Path
	info vfs.Info
}

// becomes makes the upload a copy, if nothing of it was written and nothing of
// an old file stays.
func (u *upload) becomes(p vfs.Path, info vfs.Info) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	// What cannot be found out now is a reason to write it here.
	_ = u.look()
	if u.mode != replacing || u.received > 0 {
		return false
	}
	u.enter(copying)
	u.original = &original{p, info}
	return true
}

// commitCopy lets the store copy the version that was opened.
func (u *upload) commitCopy() (vfs.Info, error) {
	u.w.Abort() // nothing was written
	return u.s.conn.view.Copy(u.s.conn.ctx, u.original.path, u.path, vfs.CopyOptions{
		Version: u.original.info.Version, NoReplace: u.exclusive, ModTime: u.mtime,
	})
}
