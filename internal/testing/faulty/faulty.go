package faulty

import (
	"context"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Op names an operation that can fail.
type Op string

// The operations of a Backend, its Readers and its Writers. OpEntry is one
// entry of a listing.
const (
	OpStat       Op = "stat"
	OpList       Op = "list"
	OpEntry      Op = "entry"
	OpOpen       Op = "open"
	OpRead       Op = "read"
	OpCreate     Op = "create"
	OpWrite      Op = "write"
	OpCommit     Op = "commit"
	OpCopy       Op = "copy"
	OpMkdir      Op = "mkdir"
	OpRemove     Op = "remove"
	OpRename     Op = "rename"
	OpSetModTime Op = "setmodtime"
)

// Call is one operation that is about to be carried out.
type Call struct {
	Op   Op
	Path vfs.Path // of the file or directory; the source of a copy or rename
	// Type is what a Stat or Remove wants.
	Type vfs.Type
}

// Fault is called before each operation. If it returns an error, the operation fails
// with this error; otherwise the operation is carried out. It may block, and may be
// called concurrently. ctx is the context of the operation. For the operations of a
// Writer it is the context of Create, and ends when the Writer is aborted.
type Fault func(ctx context.Context, c Call) error

// Opened counts Readers and Writers since the beginning.
type Opened struct {
	Readers, ReadersEnded int
	// WritersEnded are those that were committed or aborted, Commits those that
	// were committed without an error.
	Writers, WritersEnded, Commits int
}

// Backend is a vfs.Backend that fails or blocks where a test wants it, and counts what
// is open.
type Backend struct {
	vfs.Backend

	mu      sync.Mutex
	fault   Fault
	calls   map[Op]int
	opened  Opened
	changed chan struct{} // closed and replaced whenever opened changes
}

var _ vfs.Backend = (*Backend)(nil)

// New returns a Backend that does what b does until SetFault.
func New(b vfs.Backend) *Backend {
	return &Backend{Backend: b, calls: map[Op]int{}, changed: make(chan struct{})}
}

// SetFault sets the fault of operations from now on; nil is none.
func (b *Backend) SetFault(f Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
}

// Calls returns how many calls of op there were.
func (b *Backend) Calls(op Op) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[op]
}

// Opened returns the present counts.
func (b *Backend) Opened() Opened {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// Await waits until done is true of the counts. The error is the context's.
func (b *Backend) Await(ctx context.Context, done func(Opened) bool) error {
	for {
		b.mu.Lock()
		opened, changed := b.opened, b.changed
		b.mu.Unlock()
		if done(opened) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *Backend) note(change func(o *Opened)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.opened)
	close(b.changed)
	b.changed = make(chan struct{})
}

// meet counts a call and returns the error of the fault.
func (b *Backend) meet(ctx context.Context, c Call) error {
	b.mu.Lock()
	b.calls[c.Op]++
	fault := b.fault
	b.mu.Unlock()
	if fault == nil {
		return nil
	}
	return fault(ctx, c)
}

// Stat can meet OpStat.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if err := b.meet(ctx, Call{OpStat, p, want}); err != nil {
		return vfs.Info{}, err
	}
	return b.Backend.Stat(ctx, p, want)
}

// List can meet OpList before, and OpEntry at each entry.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		if err := b.meet(ctx, Call{Op: OpList, Path: p}); err != nil {
			yield(vfs.Info{}, err)
			return
		}
		for info, err := range b.Backend.List(ctx, p) {
			if err == nil {
				err = b.meet(ctx, Call{Op: OpEntry, Path: p})
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// Open can meet OpOpen, and its Reader OpRead.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if err := b.meet(ctx, Call{Op: OpOpen, Path: p}); err != nil {
		return nil, err
	}
	r, err := b.Backend.Open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	b.note(func(o *Opened) { o.Readers++ })
	return &reader{Reader: r, b: b, ctx: ctx, path: p}, nil
}

// reader meets OpRead before each Read; for that it has no io.WriterTo.
type reader struct {
	vfs.Reader
	b    *Backend
	ctx  context.Context
	path vfs.Path
	end  sync.Once
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.b.meet(r.ctx, Call{Op: OpRead, Path: r.path}); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func (r *reader) Close() error {
	defer r.end.Do(func() { r.b.note(func(o *Opened) { o.ReadersEnded++ }) })
	return r.Reader.Close()
}

// Create can meet OpCreate, and its Writer OpWrite and OpCommit.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if err := b.meet(ctx, Call{Op: OpCreate, Path: p}); err != nil {
		return nil, err
	}
	w, err := b.Backend.Create(ctx, p, o)
	if err != nil {
		return nil, err
	}
	b.note(func(o *Opened) { o.Writers++ })
	ctx, aborted := context.WithCancel(ctx)
	fw := &writer{Writer: w, b: b, ctx: ctx, aborted: aborted, path: p}
	if rf, ok := w.(io.ReaderFrom); ok {
		return &readerFrom{fw, rf}, nil
	}
	return fw, nil
}

type writer struct {
	vfs.Writer
	b       *Backend
	ctx     context.Context
	aborted context.CancelFunc // ends ctx
	path    vfs.Path
	end     sync.Once
	failed  error // what a Write met: the file is not whole
}

func (w *writer) Write(p []byte) (int, error) {
	if w.failed = w.b.meet(w.ctx, Call{Op: OpWrite, Path: w.path}); w.failed != nil {
		return 0, w.failed
	}
	return w.Writer.Write(p)
}

// Commit leaves the old content when it meets a fault, as every store does.
func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	err := w.failed
	if err == nil {
		err = w.b.meet(ctx, Call{Op: OpCommit, Path: w.path})
	}
	if err != nil {
		w.Writer.Abort()
		w.ended(false)
		return vfs.Info{}, err
	}
	info, err := w.Writer.Commit(ctx, o)
	w.ended(err == nil)
	return info, err
}

func (w *writer) Abort() {
	w.aborted()
	w.Writer.Abort()
	w.ended(false)
}

func (w *writer) ended(committed bool) {
	w.end.Do(func() {
		w.aborted()
		w.b.note(func(o *Opened) {
			o.WritersEnded++
			if committed {
				o.Commits++
			}
		})
	})
}

// readerFrom keeps the io.ReaderFrom of a Writer that has one. It meets
// OpWrite before each Read of the source.
type readerFrom struct {
	*writer
	to io.ReaderFrom
}

func (w *readerFrom) ReadFrom(r io.Reader) (int64, error) {
	return w.to.ReadFrom(meetingReader{r, w.writer})
}

type meetingReader struct {
	io.Reader
	w *writer
}

func (r meetingReader) Read(p []byte) (int, error) {
	if r.w.failed = r.w.b.meet(r.w.ctx, Call{Op: OpWrite, Path: r.w.path}); r.w.failed != nil {
		return 0, r.w.failed
	}
	return r.Reader.Read(p)
}

// Copy can meet OpCopy.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if err := b.meet(ctx, Call{Op: OpCopy, Path: from}); err != nil {
		return vfs.Info{}, err
	}
	return b.Backend.Copy(ctx, from, to, o)
}

// Mkdir can meet OpMkdir.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	if err := b.meet(ctx, Call{Op: OpMkdir, Path: p}); err != nil {
		return err
	}
	return b.Backend.Mkdir(ctx, p)
}

// Remove can meet OpRemove.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if err := b.meet(ctx, Call{OpRemove, p, want}); err != nil {
		return err
	}
	return b.Backend.Remove(ctx, p, want)
}

// Rename can meet OpRename.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if err := b.meet(ctx, Call{Op: OpRename, Path: from}); err != nil {
		return err
	}
	return b.Backend.Rename(ctx, from, to, o)
}

// SetModTime can meet OpSetModTime.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if err := b.meet(ctx, Call{Op: OpSetModTime, Path: p}); err != nil {
		return err
	}
	return b.Backend.SetModTime(ctx, p, t)
}
