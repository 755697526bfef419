package vfs

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Create begins a file at p. Without PermOverwrite an existing file is not touched:
// replacing and appending become exclusive creation, and resuming is refused. Where
// MakesParents is false, the directory of p must exist: KindNotExist.
func (v *View) Create(ctx context.Context, p Path, o CreateOptions) (Writer, error) {
	start := time.Now()
	w, err := v.create(ctx, p, o)
	if err != nil {
		return nil, v.done(ctx, Event{Op: "write", Path: p, Err: err}, start)
	}
	return &viewWriter{w: w, v: v, ctx: ctx, path: p, start: start}, nil
}

func (v *View) create(ctx context.Context, p Path, o CreateOptions) (Writer, error) {
	m, inner, err := v.creatable(ctx, p)
	if err != nil {
		return nil, err
	}
	if v.rights.at(p)&PermOverwrite == 0 {
		if o.Mode == ModeResume {
			return nil, NewError(KindPermission, errors.New("user may not overwrite"))
		}
		o.Mode = ModeExclusive
	}
	if o.ContentType == "" && m.ContentType != nil {
		o.ContentType = m.ContentType(p.Base())
	}
	if o.CacheControl == "" {
		o.CacheControl = m.CacheControl
	}
	return m.Backend.Create(ctx, inner, o)
}

// creatable returns the mount of p for an operation that creates a file there.
func (v *View) creatable(ctx context.Context, p Path) (*Mount, Path, error) {
	if err := v.wantFile(p); err != nil {
		return nil, Path{}, err
	}
	m, inner, err := v.writable(p, PermWrite)
	if err == nil {
		err = v.names.file(p)
	}
	if err == nil {
		err = v.wantParent(ctx, m, p)
	}
	return m, inner, err
}

// errAborted is the cause in the event of an aborted writer.
var errAborted = NewError(KindCanceled, errors.New("aborted before the commit"))

// viewWriter counts the bytes that are written and reports them. ctx is kept only for the
// event.
type viewWriter struct {
	w     Writer
	v     *View
	ctx   context.Context
	path  Path
	start time.Time

	bytes atomic.Int64
	ended sync.Once
}

func (w *viewWriter) fail(err error) error { return fail("write", w.path, err) }

func (w *viewWriter) Old() (Info, bool) {
	info, found := w.w.Old()
	if found {
		info.Name = w.path.Base()
	}
	return info, found
}

func (w *viewWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.bytes.Add(int64(n))
	return n, w.fail(err)
}

// ReadFrom writes everything from r, with the backend's own ReadFrom where it has one. An
// error without a kind comes from r.
func (w *viewWriter) ReadFrom(r io.Reader) (int64, error) {
	var n int64
	var err error
	if rf, ok := w.w.(io.ReaderFrom); ok {
		n, err = rf.ReadFrom(r)
	} else {
		n, err = io.Copy(struct{ io.Writer }{w.w}, struct{ io.Reader }{r})
	}
	w.bytes.Add(n)
	if _, ours := errors.AsType[*Error](err); ours {
		err = w.fail(err)
	}
	return n, err
}

func (w *viewWriter) Commit(ctx context.Context, o CommitOptions) (Info, error) {
	info, err := w.w.Commit(ctx, o)
	info.Name = w.path.Base()
	w.end(err)
	return info, w.fail(err)
}

func (w *viewWriter) Abort() {
	w.w.Abort()
	w.end(errAborted)
}

func (w *viewWriter) end(err error) {
	w.ended.Do(func() {
		_ = w.v.done(w.ctx, Event{Op: "write", Path: w.path, Bytes: w.bytes.Load(), Err: err}, w.start)
	})
}
