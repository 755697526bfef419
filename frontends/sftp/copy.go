package sftp

import (
	"io"

	"github.com/tidegate/tidegate/vfs"
)

// copyData does copy-data (draft-ietf-secsh-filexfer-extensions-00, 7): what is
// read from one handle is written to this one. A whole file that becomes a whole
// file is copied by the store itself, where it can, and when it is closed: the answer to
// the CLOSE is the durable acknowledgement. Everything else is read and written here.
func (f *file) copyData(r *request) error {
	source, ok := r.from.(*file)
	switch {
	case !ok:
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: badHandle}
	case source.down == nil:
		return &vfs.Error{Kind: vfs.KindPermission, Reason: "the source is not open for reading"}
	case f.up == nil:
		return errReadOnly
	case source.path == f.path:
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: "a file cannot be copied onto itself"}
	case source.up != nil, source.down.upload.Load() != nil:
		return errWritten
	}
	from := source.down.info
	whole := r.Offset == 0 && r.At == 0 && (r.CopyLength == 0 || r.CopyLength >= uint64(from.Size))
	// Without versions the store might copy what was not opened.
	if whole && from.Version != "" && f.s.conn.view.CanCopy(source.path, f.path) && f.up.becomes(source.path, from) {
		return nil
	}
	return f.relay(r, source.path, from)
}

// relay reads and writes. Others may ask what has been written between the
// reads. It waits while the connection has as many copies as it may.
func (f *file) relay(r *request, p vfs.Path, from vfs.Info) error {
	if r.Offset >= uint64(from.Size) {
		return nil
	}
	left := from.Size - int64(r.Offset)
	if r.CopyLength > 0 {
		left = int64(min(uint64(left), r.CopyLength))
	}
	f.s.conn.copies.enter(1)
	defer f.s.conn.copies.leave(1)
	source, err := f.s.conn.view.Open(f.s.looking, p, vfs.OpenOptions{Offset: int64(r.Offset), Version: from.Version})
	if err != nil {
		return f.up.fail(err)
	}
	defer func() { _ = source.Close() }()
	buffers := f.s.buffers
	b := buffers.get(long)
	if b == nil {
		b = buffers.get(small)
	}
	defer buffers.put(b)
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
