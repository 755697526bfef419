package azblob

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// stallTimeout is how long the service may send nothing in the middle of
	// a range before the range is asked for again. It runs only while we wait
	// for the service, not while the client takes his time.
	stallTimeout = 30 * time.Second
	// maxResumes bounds how often in a row a range may break without a byte.
	maxResumes = 4
	// copyBuffer is what WriteTo moves at once.
	copyBuffer = 64 << 10
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
	r := &reader{b: b, ctx: ctx, cancel: cancel, name: name, pos: o.Offset}
	if err := r.first(o.Version); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// reader streams one version of a blob, range by range. When half of a range
// has been read, the next one is asked for.
type reader struct {
	b      *Backend
	ctx    context.Context // of Open; it ends with Close
	cancel context.CancelFunc
	name   string
	info   vfs.Info

	pos    int64
	body   *body        // nil when the range at pos is not open
	end    int64        // where the present range ends
	next   chan fetched // the range from end, when it was asked for
	broken int          // breaks in a row without a byte between
	err    error        // the end, other than io.EOF
}

// body is the answer to a GET together with the way to end it.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// fetched is what a read-ahead brought.
type fetched struct {
	body *body
	err  error
}

// get asks for a range, of the given version unless that is "". The error is
// the SDK's.
func (r *reader) get(offset, count int64, v string) (*body, blob.DownloadStreamResponse, error) {
	ctx, cancel := context.WithCancel(r.b.forStream(r.ctx))
	answer, err := r.b.container.NewBlobClient(r.name).DownloadStream(ctx, &blob.DownloadStreamOptions{
		Range:            blob.HTTPRange{Offset: offset, Count: count},
		AccessConditions: conditions(v, false),
	})
	if err == nil && answer.Body == nil {
		err = errors.New("azblob: an answer without a body")
	}
	if err != nil {
		cancel()
		return nil, answer, err
	}
	return &body{answer.Body, cancel}, answer, nil
}

// first opens the first range and learns what the blob is. Nothing can be read
// from an empty blob, nor behind the last byte of any: there the service
// answers 416 and a HEAD must tell the cases apart.
func (r *reader) first(v string) error {
	content, answer, err := r.get(r.pos, r.b.rangeSize(), v)
	if err != nil {
		err = fail(r.ctx, err)
		if vfs.KindOf(err) != vfs.KindOffset {
			return err
		}
		return r.atEnd(v, err)
	}
	size, ok := totalSize(answer.ContentRange, answer.ContentLength)
	if !ok {
		return errors.Join(vfs.NewError(vfs.KindUnavailable, errors.New("azblob: an answer without a size")), content.Close())
	}
	r.info = blobInfo{size: size, lastModified: answer.LastModified, etag: answer.ETag, meta: answer.Metadata}.entry("")
	r.body = content
	r.end = min(r.pos+r.b.rangeSize(), size)
	if r.pos >= size { // an emulator that answers 206 where the service says 416
		return r.closeBody()
	}
	return nil
}

// atEnd finds out why there is nothing to read at the offset.
func (r *reader) atEnd(v string, cause error) error {
	props, err := r.b.head(r.ctx, r.name)
	if err != nil {
		return err
	}
	r.info = props.info().entry("")
	switch {
	case r.info.IsDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	case v != "" && r.info.Version != v, r.pos < r.info.Size:
		return vfs.NewError(vfs.KindConflict, cause)
	case r.pos > r.info.Size:
		return vfs.NewError(vfs.KindOffset, cause)
	}
	r.end = r.pos
	return nil
}

// totalSize reads the size of the whole blob from "bytes 0-4/1000"; an answer
// without a range is the whole blob.
func totalSize(contentRange *string, length *int64) (int64, bool) {
	if contentRange == nil {
		if length == nil {
			return 0, false
		}
		return *length, true
	}
	_, total, _ := strings.Cut(*contentRange, "/")
	size, err := strconv.ParseInt(total, 10, 64)
	return size, err == nil
}

func (r *reader) Info() vfs.Info { return r.info }

// Read returns the next bytes. A range that breaks goes on where it broke, with
// If-Match.
func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	for r.pos < r.info.Size {
		if err := r.openRange(); err != nil {
			r.err = err
			return 0, err
		}
		n, err := r.readBody(p[:min(int64(len(p)), r.end-r.pos)])
		if n > 0 {
			r.advance(n)
			return n, nil
		}
		if err == nil {
			continue
		}
		_ = r.closeBody() // it is broken already
		if r.broken++; r.broken > maxResumes || r.ctx.Err() != nil {
			r.err = fail(r.ctx, err)
			return 0, r.err
		}
	}
	return 0, io.EOF
}

// readBody is one Read of the body, ended when the service sends nothing for
// too long.
func (r *reader) readBody(p []byte) (int, error) {
	watch := time.AfterFunc(r.b.stall, r.body.cancel)
	defer watch.Stop()
	return r.body.Read(p)
}

// advance notes n bytes that were read.
func (r *reader) advance(n int) {
	r.pos += int64(n)
	r.broken = 0
	if r.next == nil && r.end < r.info.Size && r.end-r.pos <= r.b.rangeSize()/2 {
		r.ahead()
	}
	if r.pos == r.end {
		_ = r.closeBody() // every byte of it has arrived
	}
}

// ahead asks for the range behind the present one. Close waits for it.
func (r *reader) ahead() {
	r.next = make(chan fetched, 1)
	go func(offset int64, next chan<- fetched) {
		content, _, err := r.get(offset, min(r.b.rangeSize(), r.info.Size-offset), r.info.Version)
		next <- fetched{content, err}
	}(r.end, r.next)
}

// openRange makes sure that the range at pos is open.
func (r *reader) openRange() error {
	if r.body != nil {
		return nil
	}
	var got fetched
	switch {
	case r.pos == r.end && r.next != nil:
		got = <-r.next
		r.next = nil
		r.end = min(r.pos+r.b.rangeSize(), r.info.Size)
	case r.pos == r.end:
		r.end = min(r.pos+r.b.rangeSize(), r.info.Size)
		fallthrough
	default:
		got.body, _, got.err = r.get(r.pos, r.end-r.pos, r.info.Version)
	}
	if got.err == nil {
		r.body = got.body
		return nil
	}
	err := fail(r.ctx, got.err)
	switch vfs.KindOf(err) {
	case vfs.KindNotExist, vfs.KindOffset:
		// It was there a moment ago.
		return vfs.NewError(vfs.KindConflict, err)
	}
	return err
}

func (r *reader) closeBody() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return err
}

// WriteTo writes the rest of the file. An error of w is returned as it is.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	var written int64
	buf := make([]byte, max(1, min(copyBuffer, r.info.Size-r.pos)))
	for {
		n, err := r.Read(buf)
		if n > 0 {
			m, err := w.Write(buf[:n])
			written += int64(m)
			if err != nil {
				return written, err
			}
		}
		if err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
			return written, nil
		}
		if err != nil {
			return written, err
		}
	}
}

// Close ends everything that is under way and waits for it.
func (r *reader) Close() error {
	r.cancel()
	_ = r.closeBody()
	if r.next != nil {
		if got := <-r.next; got.body != nil {
			_ = got.body.Close()
		}
		r.next = nil
	}
	if r.err == nil {
		r.err = vfs.NewError(vfs.KindCanceled, errors.New("azblob: the reader is closed"))
	}
	return nil
}

// rangeSize is how much one GET asks for.
func (b *Backend) rangeSize() int64 { return b.blockSize }
