package vfstest

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// OneRequest returns b with a limit for each operation: it may have one request to the store at
// a time. The upload of a file is one operation, from Create to the end of Commit. b is a
// vfs.RequestCounter. An operation never ends when it counts a request while another request
// of the same operation waits for it.
func OneRequest(b vfs.Backend) vfs.Backend { return oneRequest{b} }

type oneRequest struct{ vfs.Backend }

// limited returns ctx for one operation.
func limited(ctx context.Context) context.Context {
	return vfs.WithLimiter(ctx, turn(make(chan struct{}, 1)))
}

func (o oneRequest) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	return o.Backend.Stat(limited(ctx), p, want)
}

func (o oneRequest) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return o.Backend.List(limited(ctx), p)
}

func (o oneRequest) Open(ctx context.Context, p vfs.Path, options vfs.OpenOptions) (vfs.Reader, error) {
	return o.Backend.Open(limited(ctx), p, options)
}

func (o oneRequest) Create(ctx context.Context, p vfs.Path, options vfs.CreateOptions) (vfs.Writer, error) {
	t := turn(make(chan struct{}, 1))
	w, err := o.Backend.Create(vfs.WithLimiter(ctx, t), p, options)
	if err != nil {
		return nil, err
	}
	return oneRequestWriter{w, t}, nil
}

func (o oneRequest) Mkdir(ctx context.Context, p vfs.Path) error {
	return o.Backend.Mkdir(limited(ctx), p)
}

func (o oneRequest) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	return o.Backend.Remove(limited(ctx), p, want)
}

func (o oneRequest) Rename(ctx context.Context, from, to vfs.Path, options vfs.RenameOptions) error {
	return o.Backend.Rename(limited(ctx), from, to, options)
}

func (o oneRequest) Copy(ctx context.Context, from, to vfs.Path, options vfs.CopyOptions) (vfs.Info, error) {
	return o.Backend.Copy(limited(ctx), from, to, options)
}

func (o oneRequest) SetModTime(ctx context.Context, p vfs.Path, at time.Time) error {
	return o.Backend.SetModTime(limited(ctx), p, at)
}

type oneRequestWriter struct {
	vfs.Writer
	turn turn
}

func (w oneRequestWriter) ReadFrom(r io.Reader) (int64, error) { return io.Copy(w.Writer, r) }

func (w oneRequestWriter) Prepare(ctx context.Context, o vfs.CommitOptions) {
	if p, ok := w.Writer.(vfs.Preparer); ok {
		p.Prepare(vfs.WithLimiter(ctx, w.turn), o)
	}
}

func (w oneRequestWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	return w.Writer.Commit(vfs.WithLimiter(ctx, w.turn), o)
}

// turn limits requests, and nothing else.
type turn chan struct{}

func (t turn) Request(ctx context.Context) (answered func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
	}
}

func (turn) Download() vfs.Meter             { return unmetered{} }
func (turn) Upload(int64) (vfs.Meter, error) { return unmetered{}, nil }

type unmetered struct{}

func (unmetered) Quantum() int                     { return 0 }
func (unmetered) Have(int64) error                 { return nil }
func (unmetered) Moved(context.Context, int) error { return nil }
func (unmetered) End() time.Duration               { return 0 }
