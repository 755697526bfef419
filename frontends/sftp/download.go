package sftp

import (
	"context"
	"errors"
	"io"
	"math"
	"sync/atomic"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxSkip is how far a READ may lie ahead of the last one and still be
	// reached by reading on: clients whose threads overtake each other.
	maxSkip = 8 * maxData
	// maxPieces and maxSkipped bound what was read past and not asked for.
	maxPieces  = 16
	maxSkipped = 2 * maxSkip
)

// download serves READs, which come in any order, from a reader that streams. It
// belongs to its file's lane.
type download struct {
	s    *session
	path vfs.Path
	// upload is what this session was about to store when it was opened, nil
	// otherwise and once that was there to be read. The lane of names asks for
	// it.
	upload atomic.Pointer[vfs.Info]

	r      vfs.Reader
	cancel context.CancelFunc
	// info is fixed when the file is opened: every byte is of this version.
	info vfs.Info
	// pos is where r is.
	pos int64
	// skipped are bytes that r has passed and nobody has asked for, the oldest
	// first.
	skipped []piece
}

// piece is a part of a file.
type piece struct {
	off  int64
	data []byte
}

func (p piece) end() int64 { return p.off + int64(len(p.data)) }

// open opens the file at its beginning.
func (d *download) open() error {
	if err := d.openAt(0, ""); err != nil {
		return err
	}
	d.info = d.r.Info()
	d.upload.Store(nil)
	return nil
}

func (d *download) openAt(off int64, version string) error {
	ctx, cancel := context.WithCancel(d.s.looking)
	r, err := d.s.view.Open(ctx, d.path, vfs.OpenOptions{Offset: off, Version: version})
	if err != nil {
		cancel()
		return err
	}
	d.r, d.cancel, d.pos = r, cancel, off
	return nil
}

// openUpload opens a file that this session has been writing; it will be there
// at the first READ.
func (d *download) openUpload(i vfs.Info) {
	d.info = i
	d.upload.Store(&i)
}

func (d *download) close() {
	if d.r == nil {
		return
	}
	_ = d.r.Close()
	d.cancel()
	d.r = nil
}

// length returns how many of the n bytes at off there are, 0 at the end of the
// file and behind it.
func (d *download) length(off int64, n uint32) (int, error) {
	if d.r == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	if off < 0 {
		return 0, vfs.NewError(vfs.KindOffset, nil)
	}
	return int(max(min(int64(n), d.info.Size-off), 0)), nil
}

// readAt fills b, with bytes that are there.
func (d *download) readAt(b []byte, off int64) error {
	for n := 0; n < len(b); {
		m, err := d.read(b[n:], off+int64(n))
		n += m
		if err != nil {
			return err
		}
	}
	return nil
}

// read gets at least one byte, by the cheapest way there is.
func (d *download) read(b []byte, off int64) (int, error) {
	if n := d.takeSkipped(b, off); n > 0 {
		return n, nil
	}
	if off < d.pos || off > d.pos+maxSkip {
		if err := d.jump(off); err != nil {
			return 0, err
		}
	}
	if off > d.pos {
		if err := d.skip(int(off - d.pos)); err != nil {
			return 0, err
		}
	}
	n, err := io.ReadFull(d.r, b)
	d.pos += int64(n)
	return n, d.check(err)
}

// jump reads on at off, in the same version.
func (d *download) jump(off int64) error {
	d.drop()
	if err := d.openAt(off, d.info.Version); err != nil {
		return err
	}
	// Not every store has versions to ask for.
	if now := d.r.Info(); now.Version != d.info.Version || now.Size != d.info.Size || !now.ModTime.Equal(d.info.ModTime) {
		d.drop()
		return vfs.NewError(vfs.KindConflict, nil)
	}
	return nil
}

// drop ends the reader. The next READ has to jump: a store that is well again
// is read on.
func (d *download) drop() {
	_ = d.r.Close()
	d.cancel()
	d.r, d.cancel, d.pos = noReader{}, func() {}, nowhere
}

// check drops a reader that failed. The size is known, so that no end of the
// file is in order here.
func (d *download) check(err error) error {
	if err == nil {
		return nil
	}
	d.drop()
	return cutShort(err)
}

// cutShort is the error of a source that ends before its size.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return vfs.NewError(vfs.KindUnavailable, err)
	}
	return err
}

// skip reads past n bytes and keeps them.
func (d *download) skip(n int) error {
	p := piece{off: d.pos, data: make([]byte, n)}
	m, err := io.ReadFull(d.r, p.data)
	d.pos += int64(m)
	if err := d.check(err); err != nil {
		return err
	}
	d.skipped = append(d.skipped, p)
	total := 0
	for _, p := range d.skipped {
		total += len(p.data)
	}
	for total > maxSkipped || len(d.skipped) > maxPieces {
		total -= len(d.skipped[0].data)
		d.skipped = d.skipped[1:]
	}
	return nil
}

// takeSkipped copies what was skipped at off, and forgets it: who reads on does
// not come back.
func (d *download) takeSkipped(b []byte, off int64) int {
	for i, p := range d.skipped {
		if off < p.off || off >= p.end() {
			continue
		}
		n := copy(b, p.data[off-p.off:])
		var rest []piece
		if off > p.off {
			rest = append(rest, piece{p.off, p.data[:off-p.off]})
		}
		if end := off + int64(n); end < p.end() {
			rest = append(rest, piece{end, p.data[end-p.off:]})
		}
		d.skipped = append(append(append([]piece(nil), d.skipped[:i]...), rest...), d.skipped[i+1:]...)
		return n
	}
	return 0
}

// nowhere is a position that no READ is near to.
const nowhere = math.MinInt64 / 2

// noReader stands where there is none at the moment.
type noReader struct{}

func (noReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (noReader) Close() error             { return nil }
func (noReader) Info() vfs.Info           { return vfs.Info{} }
