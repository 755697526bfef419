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

// Create begins a file at p. It sends no request except for appending, which requests the
// properties and the block list at the same time. It does not look for a directory of the
// same name, since the service holds both; a directory that is known without a request is
// refused.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if p.IsRoot() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	name, err := blobName(b.dirs, p)
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

// writer receives the content of one file: bytes go into the current chunk, full chunks
// into the block queue, and the committer makes the blob of the blocks.
type writer struct {
	b      *Backend
	queue  *blockQueue
	commit committer

	// The current chunk belongs to the running call of Write or ReadFrom, or to
	// Commit or Abort while there is none.
	cur      *chunk.Chunk
	pace     chunk.Pace
	md5      hash.Hash // of the content; nil without Options.ContentMD5
	received int64     // bytes since Create, including old content that is sent again
	begun    bool      // the old content was looked up
}

// Write receives p. It waits while the memory budget is spent or too many blocks are in
// flight.
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

// ReadFrom receives all of r, which reads straight into the memory that is sent. An error
// of r is returned as it is. After Abort r is not read any further, but the owner of r has
// to end a Read of it that blocks.
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

// space returns memory for the next bytes, at least one and no more than fit into the
// growing block.
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

// proceed returns the error of a writer that has failed or ended, and looks up the old
// content before the first byte.
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

// takeOver sends the old content that is not in kept blocks again, before the first new byte.
// It reads that content into memory, because Put Block From URL needs a signed source. In
// blobs that this package has stored, the content is at most about one block long. In blobs of
// other programs Options.AppendCopyLimit bounds it.
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
	_ = r.Close() // it was read to its end, or has failed
	if err == nil && n != old.size-old.kept {
		err = vfs.NewError(vfs.KindConflict, nil)
	}
	if err != nil {
		return w.queue.fail(err)
	}
	old.again = again.Sum64()
	return nil
}

// filled records n bytes in the current chunk, and sends the block when it is full. The
// first block is held until a byte follows it: without one, it is the whole file.
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
	// The sum is computed now, while the bytes are in the processor's caches. So the
	// service verifies what was received, not what was in memory when it was sent.
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

// Commit stores what was received: with one Put Blob when that is at most one block,
// otherwise with the list of the blocks.
func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if err := w.queue.become(committing); err != nil {
		return vfs.Info{}, err
	}
	var info blobInfo
	var err error
	if p := w.queue.preparation(); p != nil {
		info, err = p.finish(ctx, w.queue)
	} else {
		info, err = w.commitAll(ctx, o)
	}
	_ = w.queue.become(ended) // no other call ends it while it is committing
	w.freeCurrent()
	w.queue.release()
	if err != nil {
		return vfs.Info{}, err
	}
	w.b.store.note(ctx, w.commit.name, info)
	return info.entry(w.commit.base), nil
}

func (w *writer) commitAll(ctx context.Context, o vfs.CommitOptions) (blobInfo, error) {
	if err := w.queue.failure(ctx); err != nil {
		return blobInfo{}, err
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

// Old describes the file that is appended to.
func (w *writer) Old() (vfs.Info, bool) {
	if w.commit.old == nil {
		return vfs.Info{}, false
	}
	return w.commit.old.entry(w.commit.base), true
}

// Abort cancels the upload. It waits for a running Write and for all requests, so that the
// memory is free when it returns. Only the chunk of a ReadFrom that waits for bytes is
// freed later, when that call returns.
func (w *writer) Abort() {
	running, ok := w.queue.abort()
	if !ok {
		return
	}
	cause := w.queue.fail(vfs.NewError(vfs.KindCanceled, errClosed))
	if p := w.queue.preparation(); p != nil {
		p.drop(cause)
	}
	w.queue.release()
	switch {
	case running == nil:
		w.freeCurrent()
	case running.alone:
		<-running.done
	}
}
