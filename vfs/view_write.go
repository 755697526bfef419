package vfs

import (
	"context"
	"errors"
	"fmt"
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
	ctx = v.enter(ctx, Event{Op: "write", Path: p})
	w, meter, err := v.create(ctx, p, o)
	if err != nil {
		return nil, v.done(ctx, Event{Op: "write", Path: p, Err: err}, start)
	}
	waiting, cancel := context.WithCancelCause(ctx)
	return &viewWriter{
		w: w, v: v, ctx: ctx, path: p, start: start, exclusive: o.Mode == ModeExclusive, metered: &metered{ctx: waiting, meter: meter, tracker: v.begin(ctx, "write", p)}, cancel: cancel,
	}, nil
}

func (v *View) create(ctx context.Context, p Path, o CreateOptions) (Writer, Meter, error) {
	m, inner, err := v.creatable(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	exclusive := o.Mode == ModeExclusive
	if v.rights.at(p)&PermOverwrite == 0 {
		if o.Mode == ModeResume {
			return nil, nil, NewError(KindPermission, &SettingError{"allow", errors.New("user may not overwrite")})
		}
		o.Mode = ModeExclusive
	}
	if o.ContentType == "" && m.ContentType != nil {
		o.ContentType = m.ContentType(p.Base())
	}
	if o.CacheControl == "" {
		o.CacheControl = m.CacheControl
	}
	meter, err := v.upload(o)
	if err != nil {
		return nil, nil, err
	}
	var w Writer
	err = v.asking(ctx, m.Backend, func(ctx context.Context) (err error) {
		w, err = m.Backend.Create(ctx, inner, o)
		return err
	})
	if err != nil {
		return nil, nil, v.notReplaced(p, exclusive, err)
	}
	if old, found := w.Old(); found && old.Size > 0 {
		if err := meter.Have(old.Size); err != nil {
			w.Abort()
			return nil, nil, err
		}
	}
	return w, meter, nil
}

// notReplaced adds the setting to the error about a file that exists, where the client has
// not asked for a new one, but the user may not replace files.
func (v *View) notReplaced(p Path, exclusive bool, err error) error {
	if exclusive || KindOf(err) != KindExist || v.rights.at(p)&PermOverwrite != 0 {
		return err
	}
	return NewError(KindExist, &SettingError{"allow", fmt.Errorf("user may not overwrite: %w", err)})
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
	// exclusive says that the client has asked for a new file.
	exclusive bool

	bytes atomic.Int64
	ended sync.Once
	*metered
	// cancel ends a wait for bandwidth.
	cancel context.CancelCauseFunc
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
	if len(b) == 0 {
		n, err := w.w.Write(b) // an empty file
		return n, w.fail(err)
	}
	n, err := meteredWriter{w.w, w.metered}.Write(b)
	w.bytes.Add(int64(n))
	return n, w.fail(err)
}

// ReadFrom writes everything from r, with the backend's own ReadFrom where it has one. An
// error without a kind comes from r.
func (w *viewWriter) ReadFrom(r io.Reader) (int64, error) {
	r = meteredReader{r, w.metered}
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

// Prepare does nothing where the backend cannot prepare, or a byte was refused.
func (w *viewWriter) Prepare(ctx context.Context, o CommitOptions) {
	p, ok := w.w.(Preparer)
	if !ok || w.refusal() != nil {
		return
	}
	m, _, _ := w.v.mount(w.path)
	_ = w.v.asking(w.v.resume(ctx, w.ctx), m.Backend, func(ctx context.Context) error {
		p.Prepare(ctx, o)
		return nil
	})
}

func (w *viewWriter) Commit(ctx context.Context, o CommitOptions) (Info, error) {
	ctx, receipt := withReceipt(w.v.resume(ctx, w.ctx), TypeFile)
	info, err := w.commit(ctx, o)
	receipt.describe(info)
	info.Name = w.path.Base()
	w.v.tell(ctx, w.finish(err, receipt))
	return info, w.fail(err)
}

// commit commits the file, unless the meter has refused a byte of it: then it aborts.
func (w *viewWriter) commit(ctx context.Context, o CommitOptions) (Info, error) {
	if refused := w.refusal(); refused != nil {
		w.w.Abort()
		return Info{}, refused
	}
	var info Info
	m, _, _ := w.v.mount(w.path)
	err := w.v.asking(ctx, m.Backend, func(ctx context.Context) (err error) {
		info, err = w.w.Commit(ctx, o)
		return err
	})
	if err != nil {
		w.w.Abort() // it may not have been committed
		err = w.v.notReplaced(w.path, w.exclusive, err)
	}
	return info, err
}

func (w *viewWriter) Abort() {
	w.cancel(errAborted)
	w.w.Abort()
	err := w.refusal()
	if err == nil {
		err = errAborted
	}
	_ = w.finish(err, nil)
}

// finish reports the end of the writer, once, and returns the event.
func (w *viewWriter) finish(err error, receipt *Receipt) (e Event) {
	w.ended.Do(func() {
		e = Event{Op: "write", Path: w.path, Bytes: w.bytes.Load(), Err: err, Receipt: receipt, Throttled: w.end()}
		w.cancel(nil)
		e = w.v.report(w.ctx, e, w.start)
	})
	return e
}
