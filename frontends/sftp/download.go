package sftp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// A READ that begins up to four times its length after the position of the reader, but at
	// least minSkip and at most maxSkip, is served by reading on: the threads of some clients
	// overtake each other.
	minSkip, maxSkip = 256 << 10, 1 << 20
	// maxPieces, maxSkipped and connSkipped bound what was read past and not asked
	// for, of a file and of all files of a connection.
	maxPieces   = 16
	maxSkipped  = maxSkip
	connSkipped = 2 * maxSkip
	// longStretch is how much a client reads in one go that reads in sequence. For a
	// client that has read less, and jumps again, little is asked of the store at a time.
	longStretch = 256 << 10
	// maxSamples is how many files in a row a connection may open without reading a
	// long stretch of any. From the next one, smallFirst bytes are asked for at first.
	maxSamples = 4
	smallFirst = 64 << 10
)

// download serves READs, which come in any order, from a reader that streams. It
// belongs to its file's queue.
type download struct {
	s    *session
	path vfs.Path
	// upload describes the file that this session was uploading to the path at the OPEN. It is
	// nil if there was none, and after a READ has opened the stored file. Requests about names
	// use it.
	upload atomic.Pointer[vfs.Info]

	// r is nil while nothing was opened, and noReader while it is closed; place may
	// close it.
	r      vfs.Reader
	cancel context.CancelFunc
	place  *streams.Stream
	// info is fixed when the file is opened: every byte is of this version.
	info vfs.Info
	// pos is where r is.
	pos int64
	// stretch is how much has been read since r was opened.
	stretch int64
	// skipped are bytes that r has passed and that were not asked for, the oldest
	// first.
	skipped []piece
}

// piece is a part of a file.
type piece struct {
	off  int64
	data []byte
}

func (p piece) end() int64 { return p.off + int64(len(p.data)) }

func (s *session) newDownload(p vfs.Path) *download {
	d := &download{s: s, path: p}
	d.place = s.conn.readers.Stream(s.looking, d.drop)
	return d
}

// use calls do, which alone may open a reader and read from it.
func (d *download) use(do func()) {
	d.place.Enter()
	defer func() {
		_, none := d.r.(noReader)
		d.place.Leave(d.r != nil && !none)
	}()
	do()
}

// open opens the file at its beginning.
func (d *download) open() error {
	var o vfs.OpenOptions
	samples := &d.s.conn.samples
	if samples.Load() >= maxSamples {
		o.First = smallFirst
	}
	if err := d.openAt(o); err != nil {
		return err
	}
	d.info = d.r.Info()
	if d.info.Size > longStretch {
		samples.Add(1)
	}
	d.upload.Store(nil)
	return nil
}

func (d *download) openAt(o vfs.OpenOptions) error {
	ctx, cancel := context.WithCancel(d.s.looking)
	r, err := d.s.conn.view.Open(ctx, d.path, o)
	if err != nil {
		cancel()
		return err
	}
	d.r, d.cancel, d.pos = r, cancel, o.Offset
	return nil
}

// openUpload opens a file that this session has been writing; it will be there
// at the first READ.
func (d *download) openUpload(i vfs.Info) {
	d.info = i
	d.upload.Store(&i)
}

func (d *download) close() {
	d.place.End()
	d.forget(0, 0)
	if d.r != nil {
		d.drop()
		d.r = nil
	}
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
	if off < d.pos || off > d.pos+max(minSkip, min(4*int64(len(b)), maxSkip)) {
		if err := d.jump(off, len(b)); err != nil {
			return 0, err
		}
	}
	if off > d.pos {
		if err := d.skip(int(off - d.pos)); err != nil {
			return 0, err
		}
	}
	n, err := io.ReadFull(d.r, b)
	if d.stretch < longStretch && d.stretch+int64(n) >= longStretch {
		d.s.conn.samples.Store(0)
	}
	d.pos, d.stretch = d.pos+int64(n), d.stretch+int64(n)
	return n, d.check(err)
}

// jump reads on at off, in the same version. n bytes are wanted of it.
func (d *download) jump(off int64, n int) error {
	o := vfs.OpenOptions{Offset: off, Version: d.info.Version}
	if d.stretch < longStretch {
		o.First = int64(n)
	}
	d.drop()
	if err := d.openAt(o); err != nil {
		return err
	}
	d.stretch = 0
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

// skip reads past n bytes and keeps them, as far as the connection may.
func (d *download) skip(n int) error {
	d.forget(maxSkipped-n, maxPieces-1)
	kept := d.s.conn.skips.take(n)
	for !kept && len(d.skipped) > 0 {
		d.forget(0, len(d.skipped)-1)
		kept = d.s.conn.skips.take(n)
	}
	if !kept {
		m, err := io.CopyN(io.Discard, d.r, int64(n))
		d.pos += m
		return d.check(err)
	}
	p := piece{off: d.pos, data: make([]byte, n)}
	d.skipped = append(d.skipped, p)
	m, err := io.ReadFull(d.r, p.data)
	d.pos += int64(m)
	if err != nil {
		d.remove(len(d.skipped)-1, n)
	}
	return d.check(err)
}

// forget drops the oldest of what was skipped, until no more than so many bytes and
// parts are left.
func (d *download) forget(most, parts int) {
	total := 0
	for _, p := range d.skipped {
		total += len(p.data)
	}
	for len(d.skipped) > 0 && (total > most || len(d.skipped) > parts) {
		n := len(d.skipped[0].data)
		total -= n
		d.remove(0, n)
	}
}

// remove replaces the piece at an index, and counts n bytes less.
func (d *download) remove(at, n int, by ...piece) {
	d.skipped = slices.Replace(d.skipped, at, at+1, by...)
	d.s.conn.skips.give(n)
}

// takeSkipped copies what was skipped at off, and forgets it: a client that reads on does
// not come back. What is left of it gets memory of its own, so that the rest of it
// is free.
func (d *download) takeSkipped(b []byte, off int64) int {
	for i, p := range d.skipped {
		if off < p.off || off >= p.end() {
			continue
		}
		n := copy(b, p.data[off-p.off:])
		var rest []piece
		if off > p.off {
			rest = append(rest, piece{p.off, bytes.Clone(p.data[:off-p.off])})
		}
		if end := off + int64(n); end < p.end() {
			rest = append(rest, piece{end, bytes.Clone(p.data[end-p.off:])})
		}
		d.remove(i, n, rest...)
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
