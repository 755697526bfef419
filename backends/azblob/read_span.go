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

// stallTimeout is how long the service may send nothing in the middle of a range before
// the rest of the range is requested again; up to twice as much may pass. It runs only
// while the reader waits for the service, not while the client pauses.
const stallTimeout = 30 * time.Second

const (
	// secondStep is the size of the range after a first one that is smaller. Each
	// following range is growth times as large, so that a sequential read has full ranges
	// after four or five requests.
	secondStep = 64 << 10
	growth     = 4
)

// body is the answer to a GET, with a watchdog that cancels it when it stalls.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
	// reads is odd while a Read runs, and seen is the value that the watchdog saw last: a
	// Read during which it looks twice has stalled. One timer for each range costs less
	// than one for each Read.
	reads, seen atomic.Uint64
	closed      atomic.Bool
	stall       time.Duration
	watch       *time.Timer
}

func newBody(content io.ReadCloser, cancel context.CancelFunc, stall time.Duration) *body {
	b := &body{ReadCloser: content, cancel: cancel, stall: stall}
	b.watch = time.AfterFunc(math.MaxInt64, b.look)
	b.watch.Reset(stall) // not before b.watch is set: look resets it too
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

// rangeSize is the size of a full range, which one GET requests.
func (b *Backend) rangeSize() int64 { return b.blockSize }

// source requests ranges of one version of a blob.
type source struct {
	b       *Backend
	ctx     context.Context // of Open; it ends with Close
	name    string
	version string // "" until the first answer: any version
	size    int64
	step    int64 // the size of the next range
}

// get requests a range. cancel ends ctx, and is called at the latest when the body is
// closed. The error is that of the SDK.
func (f *source) get(ctx context.Context, cancel context.CancelFunc, offset, count int64) (*body, blob.DownloadStreamResponse, error) {
	return f.getVersion(ctx, cancel, offset, count, f.version, false)
}

// getVersion is get for the version v, unless that is "". While a file is being opened,
// the client waits for it.
func (f *source) getVersion(ctx context.Context, cancel context.CancelFunc, offset, count int64, v string, opening bool) (*body, blob.DownloadStreamResponse, error) {
	answer, err := f.b.store.container.NewBlobClient(f.name).DownloadStream(f.b.store.forStream(ctx, opening), &blob.DownloadStreamOptions{
		Range:            blob.HTTPRange{Offset: offset, Count: count},
		AccessConditions: conditions(v, false),
	})
	if err == nil && answer.Body == nil {
		err = errors.New("azblob: an answer without a body")
	}
	if err == nil {
		if err = matches(answer, offset, v); err != nil {
			_ = answer.Body.Close() // its content is not needed
		}
	}
	if err != nil {
		cancel()
		return nil, answer, err
	}
	return newBody(answer.Body, cancel, f.b.store.stall), answer, nil
}

// matches checks that an answer has the requested range and version: a proxy that knows
// neither ranges nor conditions must not damage files.
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

// span is one range of the blob, with what has been read of it.
type span struct {
	start, end int64
	stop       atomic.Bool // the load shall end after its current Read

	// Guarded by readAhead.mu.
	queue   []*chunk.Chunk // from start on, or from the reader's pos
	asked   bool           // it was requested, successfully or not
	deep    bool           // the load reads into chunks
	loading bool           // a load runs
	gone    bool           // it was cancelled, and another span has taken its place
	cancel  context.CancelFunc
	begun   time.Time // when it was requested in advance
	paused  bool      // a load of it has ended: the time since begun is no measure any more

	// These belong to the load while it runs, otherwise to the reader.
	body *body // at the byte behind the queue
	at   int64 // that byte
}

// span returns the next span, which begins at start. Its size is the current step, which
// grows to the full range.
func (f *source) span(start int64) *span {
	s := newSpan(start, min(start+f.step, f.size))
	f.step = min(max(growth*f.step, secondStep), f.b.rangeSize())
	return s
}

func newSpan(start, end int64) *span { return &span{start: start, end: end, at: start} }

func (s *span) closeBody() {
	if s.body != nil {
		_ = s.body.Close() // it is broken, read to its end, or not needed
		s.body = nil
	}
}

// cancelLoad cancels a load and its request. readAhead.mu must be held.
func (s *span) cancelLoad() {
	s.gone = true
	s.stop.Store(true)
	if s.cancel != nil {
		s.cancel()
	}
}
