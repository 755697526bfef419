package azblob

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxResumes bounds how often in a row a range may break without a byte.
	maxResumes = 4
	// fillTime is for how long bytes wait in the buffer for others.
	fillTime = 5 * time.Millisecond
)

// Open opens the file at p. A file of up to one range takes one request, which
// also tells whether it is there; an empty one takes two.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if p.IsRoot() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(p)
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
	r := &reader{b: b, ctx: ctx, cancel: cancel, name: name, pos: o.Offset, due: b.rangeSize() / 32}
	r.changed.L = &r.mu
	r.account = b.chunks.OpenAhead(r.yield)
	n := b.rangeSize()
	if o.First > 0 {
		n = min(n, o.First)
	}
	if err := r.first(o.Version, n); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// reader streams one version of a blob, range by range. The first of its spans
// is the head, which the client reads: its bytes go from the answer to the
// client through a small buffer of the reader's own, so that they need nothing of
// the pool. The spans behind it are asked for, and read into chunks of the pool, as
// far as the client's pace is worth it and the pool has memory to spare.
type reader struct {
	b       *Backend
	ctx     context.Context // of Open; it ends with Close
	cancel  context.CancelFunc
	name    string
	info    vfs.Info
	md5     []byte // the service's MD5 of the whole blob, where there is one
	account *chunk.Ahead
	working sync.WaitGroup // the loads of spans

	// What follows belongs to the goroutine that reads.
	pos    int64         // the next byte for the client
	cur    *chunk.Chunk  // at pos, from the head's queue or filled from its body
	off    int           // what of cur the client has
	buf    []byte        // of WriteTo
	broken int           // breaks in a row without a byte between
	err    error         // the end, other than io.EOF
	begun  bool          // the client has some bytes
	client meter         // how fast it takes them
	waited time.Duration // what it waited for us in the present stretch of that
	given  int           // what it got last
	left   time.Time     // when it got that
	due    int64         // bytes until the next look at the plan

	mu      sync.Mutex
	changed sync.Cond // a load has brought a chunk or has ended
	spans   []*span   // in order and without gaps; the first ends behind pos
	store   meter     // how fast one range comes
	credit  int64     // bytes that the client took since Open, or since memory was taken away
	trash   []*body   // given up, to be closed
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

// next returns the bytes at pos: those of the current chunk, or some of the
// head's body, which are read into p, or into memory of the reader's choice when
// p is nil. The client has them when taken is called.
func (r *reader) next(p []byte) ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	came := time.Now()
	r.account.Moved(came)
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
			r.err = fail(r.ctx, err)
			return nil, r.err
		}
	}
	return nil, io.EOF
}

// mayResume reports whether a range that broke may be asked for again. From the
// second break in a row on it waits before that, as between attempts.
func (r *reader) mayResume() bool {
	if r.broken++; r.broken > maxResumes {
		return false
	}
	delay := time.NewTimer(r.b.store.interactive.delay * time.Duration(r.broken-1))
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-r.ctx.Done():
	}
	return r.ctx.Err() == nil
}

// stream reads from the body of the head. For WriteTo more is read, but not for
// long, than the service sends at once; the client's first bytes are handed on
// as they come.
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
	r.storeBrought(n, time.Since(started))
	switch {
	case r.cur != nil && n > 0:
		r.cur.Filled(n)
	case r.cur != nil:
		r.freeCurrent()
	}
	return p[:n], err
}

// space returns where to read to for WriteTo: a chunk, which becomes the current
// one, when the client is fast and there is one to spare, else a small buffer.
// Most clients are slow and many, and then it is all that a download holds.
func (r *reader) space() []byte {
	if r.client.current() >= fastClient {
		if r.cur = r.account.Get(); r.cur != nil {
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
	r.account.Put(r.cur)
	r.cur, r.off = nil, 0
}

// taken notes that the client has the next n bytes.
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
		r.plan(r.b.rangeSize()/32 - r.due)
		r.due = r.b.rangeSize() / 32
	}
}

// Close ends everything that is under way and waits for it.
func (r *reader) Close() error {
	r.cancel()
	r.mu.Lock()
	spans := r.spans
	r.spans = nil
	for _, s := range spans {
		s.giveUp()
	}
	r.mu.Unlock()
	r.working.Wait()
	if r.cur != nil {
		r.freeCurrent()
	}
	for _, s := range spans {
		for _, c := range s.queue {
			r.account.Put(c)
		}
		s.queue = nil
		s.closeBody()
	}
	r.empty()
	if r.err == nil {
		r.err = vfs.NewError(vfs.KindCanceled, errors.New("azblob: the reader is closed"))
	}
	return nil
}

// rangeSize is how much one GET asks for.
func (b *Backend) rangeSize() int64 { return b.blockSize }
