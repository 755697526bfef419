package azblob

import (
	"context"
	"crypto/md5"
	"errors"
	"hash"
	"io"

	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

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
	w := &writer{b: b, queue: b.newQueue(ctx, name)}
	w.commit = committer{
		b: b, queue: w.queue, name: name, base: p.Base(), upload: newUploadID(),
		mode: o.Mode, absent: o.Mode == vfs.ModeExclusive, headers: headersOf(o),
	}
	if o.Mode == vfs.ModeAppend || o.Mode == vfs.ModeResume {
		if err := w.commit.lookAtOld(ctx, o); err != nil {
			w.queue.release()
			return nil, err
		}
	}
	if b.contentMD5 && w.queue.kept == 0 {
		w.md5 = md5.New()
	}
	return w, nil
}

// writer takes the content of one file: bytes go into the current chunk, full chunks to
// the queue of blocks, and what those become is the committer's.
type writer struct {
	b      *Backend
	queue  *blockQueue
	commit committer

	// The current chunk belongs to the running call of Write or ReadFrom, or to
	// Commit or Abort while there is none.
	cur      *chunk.Chunk
	pace     chunk.Pace
	md5      hash.Hash // of the content; nil when nobody wants it
	received int64     // bytes since Create, what is sent again of the old content included
	begun    bool      // the old content was looked at
}

// Write takes p. It waits while the memory of the process is spent or too many
// blocks are on their way.
func (w *writer) Write(p []byte) (int, error) {
	if err := w.queue.enter(true); err != nil {
		return 0, err
	}
	defer w.queue.leave(w.freeCurrent)
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
	if err := w.queue.enter(false); err != nil {
		return 0, err
	}
	defer w.queue.leave(w.freeCurrent)
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
		c, err := w.queue.account.Get(w.queue.ctx, w.pace.Class())
		if errors.Is(err, chunk.ErrTooMany) {
			err = vfs.NewError(vfs.KindBusy, err)
		}
		if err != nil {
			return nil, w.queue.fail(err)
		}
		w.cur = c
		w.pace.Begin()
	}
	free := w.cur.Free()
	return free[:min(int64(len(free)), w.queue.room(w.cur))], nil
}

// proceed stops a writer that has failed or ended, and looks at the old content
// before the first byte.
func (w *writer) proceed() error {
	if w.queue.ctx.Err() != nil {
		return w.queue.fail(context.Cause(w.queue.ctx))
	}
	if w.begun {
		return nil
	}
	w.begun = true
	return w.takeOver()
}

// takeOver sends that part of the old content once more whose blocks are not
// kept, before the first new byte. It goes through memory, because Put Block From
// URL needs a signed source. Of what this package has stored it is about one block
// long; Options.AppendCopyLimit bounds it for blobs of others.
func (w *writer) takeOver() error {
	old := w.commit.old
	if old == nil || old.kept == old.size {
		return nil
	}
	r, err := w.b.openChecked(w.queue.ctx, w.commit.name, vfs.OpenOptions{Offset: old.kept, Version: version(old.etag)})
	if err != nil {
		return w.queue.fail(err)
	}
	again := crc64nvme.New()
	n, err := w.readFrom(io.TeeReader(r, again))
	_ = r.Close() // it has been read to its end, or has failed
	if err == nil && n != old.size-old.kept {
		err = vfs.NewError(vfs.KindConflict, nil)
	}
	if err != nil {
		return w.queue.fail(err)
	}
	old.again = again.Sum64()
	return nil
}

// filled notes n bytes in the current chunk, and sends the block when that
// makes it full. The first block is held until a byte follows it: when none
// does, it is the whole file.
func (w *writer) filled(n int) error {
	w.cur.Filled(n)
	w.received += int64(n)
	if n > 0 && w.queue.full() {
		if err := w.queue.seal(); err != nil {
			return err
		}
	}
	full := w.queue.room(w.cur) <= 0
	if !full && len(w.cur.Free()) > 0 {
		return nil
	}
	w.pace.Full(w.cur.Len())
	w.keepCurrent()
	if !full || w.queue.first() {
		return nil
	}
	return w.queue.seal()
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
	if w.queue.add(w.cur, sumOf(w.cur.Bytes())) {
		w.cur = nil
	}
	w.freeCurrent()
}

func (w *writer) freeCurrent() {
	if w.cur != nil {
		w.queue.account.Put(w.cur)
		w.cur = nil
	}
}

// Commit stores what has come: with one Put Blob when that is no more than one
// block, else with the list of the blocks.
func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if err := w.queue.become(committing); err != nil {
		return vfs.Info{}, err
	}
	info, err := w.commitAll(ctx, o)
	_ = w.queue.become(ended) // nothing else ends it while it is committing
	w.freeCurrent()
	w.queue.release()
	return info, err
}

func (w *writer) commitAll(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if err := w.queue.failure(ctx); err != nil {
		return vfs.Info{}, err
	}
	if w.commit.old != nil && w.received == 0 {
		return w.commit.nothing(ctx, o)
	}
	w.keepCurrent()
	if w.md5 != nil {
		w.commit.headers.BlobContentMD5 = w.md5.Sum(nil)
	}
	return w.commit.all(ctx, w.received, o)
}

// Old describes what is appended to.
func (w *writer) Old() (vfs.Info, bool) {
	if w.commit.old == nil {
		return vfs.Info{}, false
	}
	return w.commit.old.entry(w.commit.base), true
}

// Abort gives up. It waits for a Write that runs and for everything that is
// under way, so that all memory is free when it returns; only what a ReadFrom
// holds for the bytes that it waits for is freed when that returns.
func (w *writer) Abort() {
	running, ok := w.queue.abort()
	if !ok {
		return
	}
	_ = w.queue.fail(vfs.NewError(vfs.KindCanceled, errClosed))
	w.queue.release()
	switch {
	case running == nil:
		w.freeCurrent()
	case running.alone:
		<-running.done
	}
}
