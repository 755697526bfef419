package azblob

import (
	"context"
	"crypto/md5"
	"errors"
	"hash"
	"io"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// inFlight is how many blocks of one upload are on their way at once, when there
// is memory for them. A request that begins after 20 ms and moves 60 MiB/s needs
// ten of 8 MiB beside each other for 500 MiB/s.
const inFlight = 12

// Create begins a file at p. It sends no request but for appending, which asks
// for the properties and the block list side by side. A directory of the same
// name is not looked for, since the service holds both; one that is known here
// without a request is refused.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if p.IsRoot() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(p)
	if err != nil {
		return nil, err
	}
	if b.dirs.knows(name) {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	w := &writer{b: b, name: name, base: p.Base(), o: o, ids: newBlockIDs(), upload: newUploadID(), slots: make(tokens, inFlight)}
	w.headers = headersOf(o)
	if o.Mode == vfs.ModeExclusive {
		w.absent = true
	}
	w.account = b.chunks.Open(w.maySend, w.sealEarly)
	if o.Mode == vfs.ModeAppend || o.Mode == vfs.ModeResume {
		if err := w.lookAtOld(ctx); err != nil {
			w.account.Close()
			return nil, err
		}
	}
	if b.contentMD5 && w.oldBlocks() == 0 {
		w.md5 = md5.New()
	}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.block = w.account.NewBlock()
	return w, nil
}

// state is where a writer is in its life.
type state uint8

const (
	open       state = iota
	committing       // no new bytes
	closed
)

// writer takes the content of one file. Bytes go into the current chunk, full
// chunks into the growing block, full blocks to the service, each by a
// goroutine of its own for which Commit and Abort wait.
type writer struct {
	b      *Backend
	name   string
	base   string // the name's last element, for Info
	o      vfs.CreateOptions
	upload string // the value of metaUpload

	// What the commit says of the blob.
	old     *oldBlob // what is appended to, or nil
	absent  bool     // the blob must not be there
	headers *blob.HTTPHeaders

	ctx     context.Context // of Create; it also ends with the first failure
	cancel  context.CancelCauseFunc
	account *chunk.Account
	slots   tokens // one for each block in flight
	staging sync.WaitGroup

	// The current chunk belongs to the running call of Write or ReadFrom, or
	// with mu to whoever ends the writer while there is none.
	cur      *chunk.Chunk
	pace     chunk.Pace
	md5      hash.Hash // of the content; nil when nobody wants it
	received int64     // bytes since Create, what is sent again of the old content included
	begun    bool      // the old content was looked at

	mu    sync.Mutex
	state state
	err   error         // the first failure
	block *chunk.Block  // it grows; nil when the writer is closed
	crc   joiner        // of what is in it
	ids   blockIDs      // makes the ids of new blocks
	put   []storedBlock // the new blocks in order, zero until stored
	busy  chan struct{} // closed when the running Write ends; nil when none runs
	wait  bool          // the running call is a Write, which ends by itself

	adapting sync.Mutex // held while ids are changed
}

// begin starts a call that brings bytes. end must follow when it returns nil.
// wait says that the call waits for nothing but this package.
func (w *writer) begin(wait bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.state != open {
		return vfs.NewError(vfs.KindCanceled, errClosed)
	}
	w.busy = make(chan struct{})
	w.wait = wait
	return nil
}

var errClosed = errors.New("azblob: the writer has ended")

func (w *writer) end() {
	w.mu.Lock()
	if w.state == closed { // by Abort, meanwhile, which left the chunk to us
		w.mu.Unlock()
		w.freeCurrent()
		w.mu.Lock()
	}
	close(w.busy)
	w.busy = nil
	w.mu.Unlock()
}

// Write takes p. It waits while the memory of the process is spent or too many
// blocks are on their way.
func (w *writer) Write(p []byte) (int, error) {
	if err := w.begin(true); err != nil {
		return 0, err
	}
	defer w.end()
	written := 0
	for written < len(p) {
		space, err := w.space()
		if err != nil {
			return written, err
		}
		n := copy(space, p[written:])
		written += n
		if err := w.filled(n); err != nil {
			return written, err
		}
	}
	return written, nil
}

// ReadFrom takes everything from r, which reads straight into the memory that
// is sent. An error of r is returned as it is; r is not read any further after
// Abort, but a Read of it that blocks must be ended by whoever owns it.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	if err := w.begin(false); err != nil {
		return 0, err
	}
	defer w.end()
	return w.readFrom(r)
}

func (w *writer) readFrom(r io.Reader) (int64, error) {
	var total int64
	for idle := 0; ; {
		space, err := w.space()
		if err != nil {
			return total, err
		}
		n, readErr := r.Read(space)
		if n < 0 || n > len(space) {
			return total, errors.New("azblob: a reader returned an impossible count")
		}
		total += int64(n)
		if err := w.filled(n); err != nil {
			return total, err
		}
		if readErr == io.EOF {
			return total, nil
		}
		if readErr != nil {
			return total, readErr
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle == 100 {
			return total, io.ErrNoProgress
		}
	}
}

// space returns memory for the next bytes, at least one and no more than the
// growing block takes.
func (w *writer) space() ([]byte, error) {
	if err := w.proceed(); err != nil {
		return nil, err
	}
	if w.cur == nil {
		c, err := w.account.Get(w.ctx, w.pace.Class())
		if errors.Is(err, chunk.ErrTooMany) {
			err = vfs.NewError(vfs.KindBusy, err)
		}
		if err != nil {
			return nil, w.fail(err)
		}
		w.cur = c
		w.pace.Begin()
	}
	free := w.cur.Free()
	return free[:min(int64(len(free)), w.room())], nil
}

// proceed stops a writer that has failed or ended, and looks at the old content
// before the first byte.
func (w *writer) proceed() error {
	if w.ctx.Err() != nil {
		return w.fail(context.Cause(w.ctx))
	}
	if w.begun {
		return nil
	}
	w.begun = true
	return w.takeOver()
}

// room is how many bytes the current chunk may still take before its block is
// full: the growing one, or the next where that is full already.
func (w *writer) room() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.block == nil {
		return int64(len(w.cur.Free())) // ended: the bytes go nowhere
	}
	index := w.oldBlocks() + len(w.put)
	limit, used := w.b.blockLimit(index), w.block.Size()
	if used >= limit {
		limit, used = w.b.blockLimit(index+1), 0
	}
	return limit - used - int64(w.cur.Len())
}

// held reports whether the growing block is full and was not sent.
func (w *writer) held() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.block != nil && w.block.Size() >= w.b.blockLimit(w.oldBlocks()+len(w.put))
}

// filled notes n bytes in the current chunk, and sends the block when that
// makes it full. The first block is held until a byte follows it: when none
// does, it is the whole file.
func (w *writer) filled(n int) error {
	w.cur.Filled(n)
	w.received += int64(n)
	if n > 0 && w.held() {
		if err := w.seal(); err != nil {
			return err
		}
	}
	full := w.room() <= 0
	if !full && len(w.cur.Free()) > 0 {
		return nil
	}
	w.pace.Full(w.cur.Len())
	w.keepCurrent()
	if !full || w.first() {
		return nil
	}
	return w.seal()
}

// first reports whether the growing block may become the whole file: none has
// been sent and nothing is appended to. (What old content without blocks is part
// of is made a list, so that the next append finds blocks.)
func (w *writer) first() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.put) == 0 && (w.old == nil || w.old.size == 0)
}

// keepCurrent moves the current chunk into the growing block.
func (w *writer) keepCurrent() {
	if w.cur == nil {
		return
	}
	if w.md5 != nil {
		_, _ = w.md5.Write(w.cur.Bytes()) // never fails
	}
	// While the bytes are in the processor's caches: what the service verifies
	// is what has come, not what lay in memory when it was sent.
	piece := sumOf(w.cur.Bytes())
	w.mu.Lock()
	ended := w.block == nil
	if !ended && w.cur.Len() > 0 {
		w.block.Append(w.cur)
		w.crc.add(piece)
		w.cur = nil
	}
	w.mu.Unlock()
	if ended || w.cur != nil {
		w.freeCurrent()
	}
}

func (w *writer) freeCurrent() {
	if w.cur != nil {
		w.account.Put(w.cur)
		w.cur = nil
	}
}

// fail notes the first failure, which ends everything, and returns it. The
// cause has a kind, or is that of a context.
func (w *writer) fail(cause error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failLocked(cause)
	return w.err
}

// failLocked is fail with mu held.
func (w *writer) failLocked(cause error) {
	if w.err != nil {
		return
	}
	if _, ok := errors.AsType[*vfs.Error](cause); !ok {
		cause = vfs.NewError(vfs.KindCanceled, cause)
	}
	w.err = cause
	w.cancel(cause)
}

// Abort gives up. It waits for a Write that runs and for everything that is
// under way, so that all memory is free when it returns; only what a ReadFrom
// holds for the bytes that it waits for is freed when that returns.
func (w *writer) Abort() {
	w.mu.Lock()
	if w.state != open {
		w.mu.Unlock()
		return
	}
	w.state = closed
	busy, wait := w.busy, w.wait
	w.mu.Unlock()
	_ = w.fail(vfs.NewError(vfs.KindCanceled, errClosed))
	w.free()
	switch {
	case busy == nil:
		w.freeCurrent()
	case wait:
		<-busy
	}
}

// free ends all staging, waits for it and gives back the growing block.
func (w *writer) free() {
	w.cancel(errClosed)
	w.staging.Wait()
	w.mu.Lock()
	block := w.block
	w.block = nil
	w.mu.Unlock()
	if block != nil {
		block.Release()
	}
	w.account.Close()
}
