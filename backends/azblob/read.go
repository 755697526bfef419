package azblob

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxResumes is how many times in a row a range may break without a byte.
	maxResumes = 4
	// fillTime is how long bytes wait in the buffer for more.
	fillTime = 5 * time.Millisecond

	// smallBuffer is the buffer between the service and a client. A client that takes at
	// least fastClient bytes per second gets a chunk instead, which makes fewer and larger
	// writes.
	smallBuffer = 32 << 10
	fastClient  = 16 << 20
)

// Open opens the file at p. A file of up to one range takes one request, which
// also shows whether it exists; an empty one takes two. When o.First is smaller than a
// range, the first request asks for that much, and the following ranges grow.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if p.IsRoot() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(b.dirs, p)
	if err != nil {
		return nil, err
	}
	if o.Offset < 0 || o.Offset > maxBlobSize {
		return nil, vfs.NewError(vfs.KindOffset, nil)
	}
	r, err := b.openBlob(ctx, name, o)
	if err != nil {
		return nil, err
	}
	r.info.Name = p.Base()
	return r, nil
}

// openBlob is Open by the blob's name; the name in Info stays "".
func (b *Backend) openBlob(ctx context.Context, name string, o vfs.OpenOptions) (*reader, error) {
	ctx, cancel := context.WithCancel(ctx)
	src := &source{b: b, ctx: ctx, name: name, step: b.rangeSize()}
	if o.First > 0 {
		src.step = min(src.step, o.First)
	}
	r := &reader{src: src, ahead: newReadAhead(src), cancel: cancel, pos: o.Offset, due: b.rangeSize() / 32}
	if err := r.first(o.Version); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// reader streams one version of a blob, range by range. The first span of its readAhead
// is the head, which the client reads. Its bytes go from the answer to the client through
// a small buffer of the reader, so that they need no memory of the pool. The spans behind
// it are requested, and read into chunks of the pool, as far as the client is fast enough
// and the pool has free memory.
type reader struct {
	src    *source
	ahead  *readAhead
	cancel context.CancelFunc // ends the source's context
	info   vfs.Info
	md5    []byte // the service's MD5 of the whole blob, where there is one

	// What follows belongs to the goroutine that reads.
	pos    int64         // the next byte for the client
	cur    *chunk.Chunk  // at pos, from the head's queue or filled from its body
	off    int           // what of cur the client has
	buf    []byte        // of WriteTo
	broken int           // breaks in a row without a byte between them
	err    error         // the end, other than io.EOF
	begun  bool          // the client has some bytes
	client meter         // how fast it takes them
	waited time.Duration // how long it waited for bytes in the current stretch of client
	given  int           // how many bytes it got last
	left   time.Time     // when it got them
	due    int64         // bytes until the next plan
}

var _ io.WriterTo = (*reader)(nil)

func (r *reader) Info() vfs.Info { return r.info }

// Read returns the next bytes.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 && r.err == nil {
		return 0, nil
	}
	piece, err := r.next(p)
	if err != nil {
		return 0, err
	}
	n := len(piece)
	if r.cur != nil {
		n = copy(p, piece)
	}
	r.taken(n)
	return n, nil
}

// WriteTo writes the rest of the file. An error of w is returned as it is.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		piece, err := r.next(nil)
		if err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(piece)
		written += int64(n)
		if err != nil {
			return written, err
		}
		r.taken(n)
	}
}

// first opens the first range and learns what the blob is. From an empty blob, and
// behind the last byte of any other, nothing can be read: the service answers 416, and a
// HEAD distinguishes the cases.
func (r *reader) first(v string) error {
	ctx, cancel := context.WithCancel(r.src.ctx)
	content, answer, err := r.src.getVersion(ctx, cancel, r.pos, r.src.step, v, true)
	if err != nil {
		err = fail(r.src.ctx, err)
		if vfs.KindOf(err) != vfs.KindOffset {
			return err
		}
		return r.atEnd(v, err)
	}
	size, ok := totalSize(answer.ContentRange, answer.ContentLength)
	if !ok {
		return join(vfs.NewError(vfs.KindUnavailable, errors.New("azblob: an answer without a size")), content.Close())
	}
	r.md5 = answer.BlobContentMD5
	if answer.ContentRange == nil { // the header has another name then
		r.md5 = answer.ContentMD5
	}
	r.info = blobInfo{
		size: size, lastModified: answer.LastModified, etag: answer.ETag, meta: answer.Metadata, md5: r.md5,
	}.entry("")
	r.src.version, r.src.size = r.info.Version, r.info.Size
	if r.pos >= size { // an emulator that answers 206 where the service says 416
		return content.Close()
	}
	s := r.src.span(r.pos)
	s.body, s.asked = content, true
	r.ahead.spans = []*span{s}
	return nil
}

// atEnd finds out why there is nothing to read at the offset.
func (r *reader) atEnd(v string, cause error) error {
	props, err := r.src.b.store.head(r.src.ctx, r.src.name)
	if err != nil {
		return err
	}
	r.info = props.info().entry("")
	r.src.version, r.src.size = r.info.Version, r.info.Size
	switch {
	case r.info.IsDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	case v != "" && r.info.Version != v, r.pos < r.info.Size:
		return vfs.NewError(vfs.KindConflict, cause)
	case r.pos > r.info.Size:
		return vfs.NewError(vfs.KindOffset, cause)
	}
	return nil
}

// head prepares the span at pos: with the current chunk set when some of it was read in
// advance, otherwise with its body open at pos. When reading it in advance has failed, it
// is requested again.
func (r *reader) head() (*span, error) {
	if r.cur != nil {
		return nil, nil
	}
	s, c := r.ahead.next(r.pos)
	r.cur = c
	r.ahead.closeCancelled()
	if r.cur != nil || s.body != nil {
		return s, nil
	}
	ctx, cancel := context.WithCancel(r.src.ctx)
	content, _, err := r.src.get(ctx, cancel, r.pos, s.end-r.pos)
	if err != nil {
		err = fail(r.src.ctx, err)
		switch vfs.KindOf(err) {
		case vfs.KindNotExist, vfs.KindOffset:
			// It was there a moment ago.
			return nil, vfs.NewError(vfs.KindConflict, err)
		}
		return nil, err
	}
	s.body = content
	return s, nil
}

// next returns the bytes at pos: those of the current chunk, or some of the head's body.
// The latter are read into p, or, when p is nil, into memory that the reader chooses. The
// client has them when taken is called.
func (r *reader) next(p []byte) ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	came := time.Now()
	r.ahead.account.Moved(came)
	if r.given > 0 {
		r.clientTook(r.given, came.Sub(r.left))
		r.given = 0
	}
	defer func() {
		r.left = time.Now()
		r.waited += r.left.Sub(came)
	}()
	for r.pos < r.info.Size {
		s, err := r.head()
		if err != nil {
			r.err = err
			return nil, err
		}
		if r.cur != nil {
			return r.cur.Bytes()[r.off:], nil
		}
		piece, err := r.stream(s, p)
		if len(piece) > 0 {
			r.broken = 0
			return piece, nil
		}
		if err == nil {
			continue
		}
		s.closeBody()
		if !r.mayResume() {
			r.err = fail(r.src.ctx, err)
			return nil, r.err
		}
	}
	return nil, io.EOF
}

// mayResume reports whether a range that broke may be requested again. After the second
// break in a row it waits first, as between attempts.
func (r *reader) mayResume() bool {
	if r.broken++; r.broken > maxResumes {
		return false
	}
	delay := time.NewTimer(r.src.b.store.interactive.delay * time.Duration(r.broken-1))
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-r.src.ctx.Done():
	}
	return r.src.ctx.Err() == nil
}

// stream reads from the body of the head. For WriteTo it waits up to fillTime for more
// bytes than the service sends at once, but passes the first bytes on as they arrive.
func (r *reader) stream(s *span, p []byte) ([]byte, error) {
	wait := p == nil && r.begun
	if p == nil {
		p = r.space()
	}
	p = p[:min(int64(len(p)), s.end-r.pos)]
	started := time.Now()
	n, err := s.body.Read(p)
	if wait {
		for began := time.Now(); err == nil && n < len(p) && time.Since(began) < fillTime; {
			var more int
			more, err = s.body.Read(p[n:])
			n += more
		}
	}
	if !s.deep { // otherwise bytes may have waited in the socket
		r.ahead.headBrought(n, time.Since(started))
	}
	switch {
	case r.cur != nil && n > 0:
		r.cur.Filled(n)
	case r.cur != nil:
		r.freeCurrent()
	}
	return p[:n], err
}

// space returns the memory that WriteTo reads into: a chunk, which becomes the current
// one, when the client is fast and the pool has one to spare, otherwise a small buffer.
// The small buffer is all that a download of a slow client holds.
func (r *reader) space() []byte {
	if r.client.current() >= fastClient {
		if r.cur = r.ahead.account.Get(); r.cur != nil {
			return r.cur.Free()
		}
	}
	if r.buf == nil {
		r.buf = make([]byte, min(smallBuffer, r.info.Size-r.pos))
	}
	return r.buf
}

// freeCurrent gives the current chunk back.
func (r *reader) freeCurrent() {
	r.ahead.account.Put(r.cur)
	r.cur, r.off = nil, 0
}

// taken records that the client has the next n bytes.
func (r *reader) taken(n int) {
	if r.cur != nil {
		if r.off += n; r.off == r.cur.Len() {
			r.freeCurrent()
		}
	}
	r.begun = true
	r.pos += int64(n)
	r.given = n
	if r.due -= int64(n); r.due <= 0 {
		r.ahead.plan(r.src.b.rangeSize()/32-r.due, r.pos, r.client.current())
		r.due = r.src.b.rangeSize() / 32
	}
}

// Close cancels all requests and loads and waits for their end.
func (r *reader) Close() error {
	r.cancel()
	r.ahead.end()
	if r.cur != nil {
		r.freeCurrent()
	}
	if r.err == nil {
		r.err = vfs.NewError(vfs.KindCanceled, errors.New("azblob: the reader is closed"))
	}
	return nil
}

// clientTook records that the client took n bytes in the time d. A client that waits for
// bytes a fifth of the time counts as fast as enough: on a busy machine its own rate
// cannot be measured.
func (r *reader) clientTook(n int, d time.Duration) {
	if !r.client.add(n, d, r.src.b.rangeSize()/stretches) {
		return
	}
	r.ahead.clientTook(r.waited > r.client.took/16)
	if r.waited > r.client.took/4 {
		r.client.rate = max(r.client.rate, enough)
	}
	r.waited = 0
}
