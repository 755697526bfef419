package azblob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// stallTimeout is how long the service may send nothing in the middle of a
// range before the range is asked for again; up to twice that may pass. It runs
// only while we wait for the service, not while the client takes his time.
const stallTimeout = 30 * time.Second

// body is the answer to a GET together with the way to end it.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
	// reads is odd while a Read is under way, and seen is what the watchdog saw
	// of it: a Read during which it comes twice has stalled. One timer for each
	// range costs less than one for each Read.
	reads, seen atomic.Uint64
	closed      atomic.Bool
	stall       time.Duration
	watch       *time.Timer
}

func newBody(content io.ReadCloser, cancel context.CancelFunc, stall time.Duration) *body {
	b := &body{ReadCloser: content, cancel: cancel, stall: stall}
	b.watch = time.AfterFunc(math.MaxInt64, b.look)
	b.watch.Reset(stall) // only now: look resets it too
	return b
}

// look is the watchdog.
func (b *body) look() {
	reads := b.reads.Load()
	switch {
	case b.closed.Load():
	case reads%2 == 1 && b.seen.Load() == reads:
		b.cancel()
	default:
		b.seen.Store(reads)
		b.watch.Reset(b.stall)
	}
}

func (b *body) Read(p []byte) (int, error) {
	b.reads.Add(1)
	defer b.reads.Add(1)
	return b.ReadCloser.Read(p)
}

func (b *body) Close() error {
	b.closed.Store(true)
	b.watch.Stop()
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// get asks for a range, of the given version unless that is "". cancel ends ctx,
// and is called at the latest when the body is closed. The error is the SDK's.
func (r *reader) get(ctx context.Context, cancel context.CancelFunc, offset, count int64, v string) (*body, blob.DownloadStreamResponse, error) {
	answer, err := r.b.store.container.NewBlobClient(r.name).DownloadStream(r.b.store.forStream(ctx, r.info.Version == ""), &blob.DownloadStreamOptions{
		Range:            blob.HTTPRange{Offset: offset, Count: count},
		AccessConditions: conditions(v, false),
	})
	if err == nil && answer.Body == nil {
		err = errors.New("azblob: an answer without a body")
	}
	if err == nil {
		if err = matches(answer, offset, v); err != nil {
			_ = answer.Body.Close() // nobody reads it
		}
	}
	if err != nil {
		cancel()
		return nil, answer, err
	}
	return newBody(answer.Body, cancel, r.b.store.stall), answer, nil
}

// matches proves that an answer is what was asked for: something on the way
// that knows neither ranges nor conditions must not damage files.
func matches(answer blob.DownloadStreamResponse, offset int64, v string) error {
	if got := version(answer.ETag); v != "" && got != "" && got != v {
		return vfs.NewError(vfs.KindConflict, fmt.Errorf("azblob: the answer has the ETag %s instead of %s", got, v))
	}
	var start int64
	if answer.ContentRange != nil {
		first, _, _ := strings.Cut(strings.TrimPrefix(*answer.ContentRange, "bytes "), "-")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return fmt.Errorf("azblob: an answer with the range %q", *answer.ContentRange)
		}
		start = n
	}
	if start != offset {
		return fmt.Errorf("azblob: an answer from byte %d instead of %d", start, offset)
	}
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

// first opens the first range and learns what the blob is. Nothing can be read
// from an empty blob, nor behind the last byte of any: there the service
// answers 416 and a HEAD must tell the cases apart.
func (r *reader) first(v string, n int64) error {
	ctx, cancel := context.WithCancel(r.ctx)
	content, answer, err := r.get(ctx, cancel, r.pos, n, v)
	if err != nil {
		err = fail(r.ctx, err)
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
	if r.pos >= size { // an emulator that answers 206 where the service says 416
		return content.Close()
	}
	s := r.span(r.pos)
	s.end = min(s.end, r.pos+n)
	s.body, s.asked = content, true
	r.spans = []*span{s}
	return nil
}

// atEnd finds out why there is nothing to read at the offset.
func (r *reader) atEnd(v string, cause error) error {
	props, err := r.b.store.head(r.ctx, r.name)
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
	return nil
}

// span is one range of the blob, and what has come of it so far.
type span struct {
	start, end int64
	stop       atomic.Bool // the load shall end after its present Read

	// Guarded by reader.mu.
	queue   []*chunk.Chunk // from start on, or from the reader's pos
	asked   bool           // it was asked for, be it in vain
	deep    bool           // the load reads into chunks
	loading bool           // a load is under way
	gone    bool           // another has taken its place
	cancel  context.CancelFunc

	// The load's while it is under way, otherwise the reader's.
	body *body // at the byte behind the queue
	at   int64 // that byte
}

// span returns the span that begins at start.
func (r *reader) span(start int64) *span {
	return &span{start: start, end: min(start+r.b.rangeSize(), r.info.Size), at: start}
}

func (s *span) closeBody() {
	if s.body != nil {
		_ = s.body.Close() // it is broken, read to its end, or not needed
		s.body = nil
	}
}

// giveUp ends a load. reader.mu must be held.
func (s *span) giveUp() {
	s.gone = true
	s.stop.Store(true)
	if s.cancel != nil {
		s.cancel()
	}
}

// head returns the span at pos, with the current chunk set when something of it
// was read in advance, else with its body open at pos. What went wrong while
// it was read in advance is forgotten: it is asked for once more.
func (r *reader) head() (*span, error) {
	if r.cur != nil {
		return nil, nil
	}
	r.mu.Lock()
	if s := r.spans[0]; s.end == r.pos {
		r.trash = append(r.trash, s.body)
		s.body = nil
		r.spans = r.spans[1:]
	}
	if len(r.spans) == 0 {
		r.spans = append(r.spans, r.span(r.pos))
	}
	s := r.spans[0]
	for s.stop.Store(true); len(s.queue) == 0 && s.loading; s.stop.Store(true) {
		r.changed.Wait()
		s = r.spans[0] // memory may have been taken away
	}
	if len(s.queue) > 0 {
		r.cur = s.queue[0]
		s.queue = s.queue[1:]
	}
	s.asked = true
	r.mu.Unlock()
	r.empty()
	if r.cur != nil || s.body != nil {
		return s, nil
	}
	ctx, cancel := context.WithCancel(r.ctx)
	content, _, err := r.get(ctx, cancel, r.pos, s.end-r.pos, r.info.Version)
	if err != nil {
		err = fail(r.ctx, err)
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

// empty closes what was given up.
func (r *reader) empty() {
	r.mu.Lock()
	trash := r.trash
	r.trash = nil
	r.mu.Unlock()
	for _, b := range trash {
		if b != nil {
			_ = b.Close() // nobody reads it
		}
	}
}
