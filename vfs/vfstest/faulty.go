package vfstest

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Op names what a Fault is about.
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

// Fault is one thing that goes wrong.
type Fault struct {
	op  Op
	nth int
	err error // nil for a call that blocks

	hit, released chan struct{}
	hits, release sync.Once
}

// Fail makes the n-th call of op, counted from 1 over the whole Backend, return
// err instead of doing anything; with n = 0 every call.
func Fail(op Op, n int, err error) *Fault {
	return &Fault{op: op, nth: n, err: err, hit: make(chan struct{}), released: make(chan struct{})}
}

// Block makes the n-th call of op wait, every call with n = 0, until its
// context ends, its Writer is aborted, or Release is called. After Release it
// goes on as if nothing had been; otherwise it fails with KindCanceled.
func Block(op Op, n int) *Fault { return Fail(op, n, nil) }

// Hit returns a channel that is closed when a call has met the fault.
func (f *Fault) Hit() <-chan struct{} { return f.hit }

// Release lets all blocked calls go on, now and later.
func (f *Fault) Release() { f.release.Do(func() { close(f.released) }) }

// Faulty is a Backend that goes wrong where it is told to.
type Faulty struct {
	vfs.Backend
	faults []*Fault

	mu    sync.Mutex
	calls map[Op]int
}

var _ vfs.Backend = (*Faulty)(nil)

// NewFaulty returns b with faults.
func NewFaulty(b vfs.Backend, faults ...*Fault) *Faulty {
	return &Faulty{Backend: b, faults: faults, calls: map[Op]int{}}
}

// Calls returns how many calls of op there were.
func (b *Faulty) Calls(op Op) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[op]
}

// meet counts a call and returns the error of the fault that it meets.
func (b *Faulty) meet(ctx context.Context, op Op, aborted <-chan struct{}) error {
	b.mu.Lock()
	b.calls[op]++
	n := b.calls[op]
	b.mu.Unlock()
	for _, f := range b.faults {
		if f.op != op || (f.nth != 0 && f.nth != n) {
			continue
		}
		f.hits.Do(func() { close(f.hit) })
		if f.err != nil {
			return f.err
		}
		select {
		case <-f.released:
		case <-aborted:
			return vfs.NewError(vfs.KindCanceled, nil)
		case <-ctx.Done():
			return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
		}
	}
	return nil
}

// Stat can meet OpStat.
func (b *Faulty) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if err := b.meet(ctx, OpStat, nil); err != nil {
		return vfs.Info{}, err
	}
	return b.Backend.Stat(ctx, p, want)
}

// List can meet OpList before, and OpEntry at each entry.
func (b *Faulty) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		if err := b.meet(ctx, OpList, nil); err != nil {
			yield(vfs.Info{}, err)
			return
		}
		for info, err := range b.Backend.List(ctx, p) {
			if err == nil {
				err = b.meet(ctx, OpEntry, nil)
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// Open can meet OpOpen, and its Reader OpRead.
func (b *Faulty) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if err := b.meet(ctx, OpOpen, nil); err != nil {
		return nil, err
	}
	r, err := b.Backend.Open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &faultyReader{r, b, ctx}, nil
}

type faultyReader struct {
	vfs.Reader
	b   *Faulty
	ctx context.Context
}

func (r *faultyReader) Read(p []byte) (int, error) {
	if err := r.b.meet(r.ctx, OpRead, nil); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// Create can meet OpCreate, and its Writer OpWrite and OpCommit.
func (b *Faulty) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if err := b.meet(ctx, OpCreate, nil); err != nil {
		return nil, err
	}
	w, err := b.Backend.Create(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &faultyWriter{Writer: w, b: b, ctx: ctx, aborted: make(chan struct{})}, nil
}

type faultyWriter struct {
	vfs.Writer
	b       *Faulty
	ctx     context.Context
	aborted chan struct{}
	abort   sync.Once
	failed  error // what a Write met: the file is not whole
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if err := w.b.meet(w.ctx, OpWrite, w.aborted); err != nil {
		w.failed = err
		return 0, err
	}
	return w.Writer.Write(p)
}

// Commit leaves the old content when it meets a fault, as every store does.
func (w *faultyWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	err := w.failed
	if err == nil {
		err = w.b.meet(ctx, OpCommit, w.aborted)
	}
	if err != nil {
		w.Writer.Abort()
		return vfs.Info{}, err
	}
	return w.Writer.Commit(ctx, o)
}

func (w *faultyWriter) Abort() {
	w.abort.Do(func() { close(w.aborted) })
	w.Writer.Abort()
}

// Copy can meet OpCopy.
func (b *Faulty) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if err := b.meet(ctx, OpCopy, nil); err != nil {
		return vfs.Info{}, err
	}
	return b.Backend.Copy(ctx, from, to, o)
}

// Mkdir can meet OpMkdir.
func (b *Faulty) Mkdir(ctx context.Context, p vfs.Path) error {
	if err := b.meet(ctx, OpMkdir, nil); err != nil {
		return err
	}
	return b.Backend.Mkdir(ctx, p)
}

// Remove can meet OpRemove.
func (b *Faulty) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if err := b.meet(ctx, OpRemove, nil); err != nil {
		return err
	}
	return b.Backend.Remove(ctx, p, want)
}

// Rename can meet OpRename.
func (b *Faulty) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if err := b.meet(ctx, OpRename, nil); err != nil {
		return err
	}
	return b.Backend.Rename(ctx, from, to, o)
}

// SetModTime can meet OpSetModTime.
func (b *Faulty) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if err := b.meet(ctx, OpSetModTime, nil); err != nil {
		return err
	}
	return b.Backend.SetModTime(ctx, p, t)
}
