package frontendtest

import (
	"context"
	"io"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// probe is a store that a test watches: it counts what is open, tells how
// writers ended, and fails or waits where a test wants it.
type probe struct {
	vfs.Backend

	mu sync.Mutex
	// fault, when set, is asked before each operation; its error is the
	// operation's. It may block.
	fault func(ctx context.Context, op Op, p vfs.Path) error
	// changed is closed and replaced whenever one of the counts changes.
	changed chan struct{}
	readers count
	writers count
	commits int
}

// count counts things that begin and end.
type count struct{ begun, ended int }

func newProbe(b vfs.Backend) *probe { return &probe{Backend: b, changed: make(chan struct{})} }

// failWith sets what is asked before each operation; nil takes it back.
func (b *probe) failWith(fault func(ctx context.Context, op Op, p vfs.Path) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = fault
}

func (b *probe) check(ctx context.Context, op Op, p vfs.Path) error {
	b.mu.Lock()
	fault := b.fault
	b.mu.Unlock()
	if fault == nil {
		return nil
	}
	return fault(ctx, op, p)
}

func (b *probe) note(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	close(b.changed)
	b.changed = make(chan struct{})
}

// await waits until done, which sees the counts, is true.
func (b *probe) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		b.mu.Lock()
		ok, changed := done(), b.changed
		b.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("the server has not %s in %v", what, patience)
		}
	}
}

// awaitWriters waits until n writers have begun and as many ended, and returns
// how many were committed.
func (b *probe) awaitWriters(t *testing.T, n int) (commits int) {
	t.Helper()
	b.await(t, "ended the upload", func() bool { return b.writers.begun >= n && b.writers.ended == b.writers.begun })
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.commits
}

// awaitReaders waits until n readers have begun and as many ended.
func (b *probe) awaitReaders(t *testing.T, n int) {
	t.Helper()
	b.await(t, "ended the download", func() bool { return b.readers.begun >= n && b.readers.ended == b.readers.begun })
}

func (b *probe) wantAllClosed(t *testing.T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.readers.begun != b.readers.ended {
		t.Errorf("%d of %d readers were never closed", b.readers.begun-b.readers.ended, b.readers.begun)
	}
	if b.writers.begun != b.writers.ended {
		t.Errorf("%d of %d writers were neither committed nor aborted", b.writers.begun-b.writers.ended, b.writers.begun)
	}
}

func (b *probe) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if err := b.check(ctx, OpStat, p); err != nil {
		return vfs.Info{}, err
	}
	return b.Backend.Stat(ctx, p, want)
}

// List asks before the first entry, and as OpRead before each one.
func (b *probe) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		if err := b.check(ctx, OpList, p); err != nil {
			yield(vfs.Info{}, err)
			return
		}
		for info, err := range b.Backend.List(ctx, p) {
			if err == nil {
				err = b.check(ctx, OpRead, p)
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

func (b *probe) Mkdir(ctx context.Context, p vfs.Path) error {
	if err := b.check(ctx, OpMkdir, p); err != nil {
		return err
	}
	return b.Backend.Mkdir(ctx, p)
}

func (b *probe) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	op := OpDelete
	if want == vfs.TypeDir {
		op = OpRmdir
	}
	if err := b.check(ctx, op, p); err != nil {
		return err
	}
	return b.Backend.Remove(ctx, p, want)
}

func (b *probe) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if err := b.check(ctx, OpRename, from); err != nil {
		return err
	}
	return b.Backend.Rename(ctx, from, to, o)
}

func (b *probe) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if err := b.check(ctx, OpSetModTime, p); err != nil {
		return err
	}
	return b.Backend.SetModTime(ctx, p, t)
}

func (b *probe) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if err := b.check(ctx, OpOpen, p); err != nil {
		return nil, err
	}
	r, err := b.Backend.Open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	b.note(func() { b.readers.begun++ })
	return &probeReader{Reader: r, b: b, ctx: ctx, path: p}, nil
}

// probeReader is asked about before each Read; it hides io.WriterTo for that.
type probeReader struct {
	vfs.Reader
	b      *probe
	ctx    context.Context
	path   vfs.Path
	closed sync.Once
}

func (r *probeReader) Read(p []byte) (int, error) {
	if err := r.b.check(r.ctx, OpRead, r.path); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func (r *probeReader) Close() error {
	defer r.closed.Do(func() { r.b.note(func() { r.b.readers.ended++ }) })
	return r.Reader.Close()
}

func (b *probe) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if err := b.check(ctx, OpCreate, p); err != nil {
		return nil, err
	}
	w, err := b.Backend.Create(ctx, p, o)
	if err != nil {
		return nil, err
	}
	b.note(func() { b.writers.begun++ })
	pw := &probeWriter{Writer: w, b: b, ctx: ctx, path: p}
	if rf, ok := w.(io.ReaderFrom); ok {
		return &probeReaderFrom{pw, rf}, nil
	}
	return pw, nil
}

type probeWriter struct {
	vfs.Writer
	b     *probe
	ctx   context.Context
	path  vfs.Path
	ended sync.Once
}

func (w *probeWriter) Write(p []byte) (int, error) {
	if err := w.b.check(w.ctx, OpWrite, w.path); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

func (w *probeWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if err := w.b.check(ctx, OpCommit, w.path); err != nil {
		w.Writer.Abort()
		w.end(false)
		return vfs.Info{}, err
	}
	info, err := w.Writer.Commit(ctx, o)
	w.end(err == nil)
	return info, err
}

func (w *probeWriter) Abort() {
	w.Writer.Abort()
	w.end(false)
}

func (w *probeWriter) end(committed bool) {
	w.ended.Do(func() {
		w.b.note(func() {
			w.b.writers.ended++
			if committed {
				w.b.commits++
			}
		})
	})
}

// probeReaderFrom keeps the fast way of a writer that has one. It is asked about
// before each Read of the source.
type probeReaderFrom struct {
	*probeWriter
	rf io.ReaderFrom
}

func (w *probeReaderFrom) ReadFrom(r io.Reader) (int64, error) {
	return w.rf.ReadFrom(checkedReader{r, w.probeWriter})
}

type checkedReader struct {
	io.Reader
	w *probeWriter
}

func (r checkedReader) Read(p []byte) (int, error) {
	if err := r.w.b.check(r.w.ctx, OpWrite, r.w.path); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
