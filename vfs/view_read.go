package vfs

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"
)

// Stat returns the entry at p. Directories that always exist cost no request. Every
// directory has a time: where the store has none, that of the View. Stat of a file is
// KindPermission for a user who has none of the rights to list, to read and to rename. want is
// enforced: the entry is of that type, or the error is KindIsDir or KindNotDir.
func (v *View) Stat(ctx context.Context, p Path, want Type) (Info, error) {
	start := time.Now()
	ctx = v.enter(ctx, Event{Op: "stat", Path: p})
	info, err := v.stat(ctx, p, want)
	return info, v.done(ctx, Event{Op: "stat", Path: p, Err: err}, start)
}

func (v *View) stat(ctx context.Context, p Path, want Type) (Info, error) {
	if p.OnlyDir() {
		if want == TypeFile {
			return Info{}, v.wantFile(p)
		}
		want = TypeDir
	}
	if v.Fixed(p) {
		if want == TypeFile {
			return Info{}, NewError(KindIsDir, nil)
		}
		return v.Dated(Info{Name: p.Base(), Type: TypeDir}), nil
	}
	m, inner, ok := v.mount(p)
	if !ok {
		return Info{}, NewError(KindNotExist, nil)
	}
	var info Info
	err := v.asking(ctx, m.Backend, func(ctx context.Context) (err error) {
		info, err = m.Backend.Stat(ctx, inner, want)
		return err
	})
	switch {
	case err != nil:
		return Info{}, err
	case want == TypeFile && info.IsDir():
		return Info{}, NewError(KindIsDir, nil)
	case want == TypeDir && !info.IsDir():
		return Info{}, NewError(KindNotDir, nil)
	case !info.IsDir() && v.rights.at(p)&(PermList|PermRead|PermRename) == 0:
		return Info{}, NewError(KindPermission, &SettingError{"allow", errors.New("user may not ask about files")})
	}
	info.Name = p.Base()
	return v.Dated(info), nil
}

// Dated returns the entry with a time. A directory without one gets that of the View:
// clients would show 1970, and some would take that for a change.
func (v *View) Dated(i Info) Info {
	if i.IsDir() && i.ModTime.IsZero() {
		i.ModTime = v.since
	}
	return i
}

// List yields the entries of p: those of the store and the mount points below
// p. It is lazy, and may be ranged over once.
func (v *View) List(ctx context.Context, p Path) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		e := Event{Op: "list", Path: p}
		start := time.Now()
		ctx := v.enter(ctx, e)
		tracker := v.begin(ctx, e.Op, p)
		stopped := false
		for info, err := range v.list(ctx, p) {
			if err != nil {
				e.Err = err
				break
			}
			e.Entries++
			if stopped = !yield(info, nil); stopped {
				break
			}
		}
		tracker.End()
		if err := v.done(ctx, e, start); err != nil && !stopped {
			yield(Info{}, err)
		}
	}
}

func (v *View) list(ctx context.Context, p Path) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := v.rights.want(p, PermList); err != nil {
			yield(Info{}, err)
			return
		}
		fixed := v.fixedChildren(p)
		for name := range fixed {
			if !yield(v.Dated(Info{Name: name, Type: TypeDir}), nil) {
				return
			}
		}
		m, inner, ok := v.mount(p)
		if !ok {
			if !v.Fixed(p) {
				yield(Info{}, NewError(KindNotExist, nil))
			}
			return
		}
		ctx, answered, err := v.ask(ctx, m.Backend)
		if err != nil {
			yield(Info{}, err)
			return
		}
		// The client takes the entries at its own pace.
		answered = sync.OnceFunc(answered)
		defer answered()
		for info, err := range m.Backend.List(ctx, inner) {
			answered()
			if err != nil {
				if KindOf(err) == KindNotExist && v.Fixed(p) {
					return
				}
				yield(Info{}, listFailure(p, err))
				return
			}
			hides, taken := fixed[info.Name]
			if taken && (hides || info.IsDir()) {
				continue
			}
			if !yield(v.Dated(info), nil) {
				return
			}
		}
	}
}

// listFailure removes Error.Found from the error of a listing whose path cannot name a
// file.
func listFailure(p Path, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Found != nil && p.OnlyDir() {
		return NewError(KindNotDir, err)
	}
	return err
}

// Open opens the file at p for reading.
func (v *View) Open(ctx context.Context, p Path, o OpenOptions) (Reader, error) {
	start := time.Now()
	ctx = v.enter(ctx, Event{Op: "read", Path: p})
	r, err := v.open(ctx, p, o)
	if err != nil {
		return nil, v.done(ctx, Event{Op: "read", Path: p, Err: err}, start)
	}
	return &viewReader{
		Reader: r, v: v, ctx: ctx, event: Event{Op: "read", Path: p}, start: start, metered: &metered{ctx: ctx, meter: v.download(), tracker: v.begin(ctx, "read", p)},
	}, nil
}

func (v *View) open(ctx context.Context, p Path, o OpenOptions) (Reader, error) {
	if o.Offset < 0 {
		return nil, NewError(KindOffset, nil)
	}
	m, inner, err := v.readable(p)
	if err != nil {
		return nil, err
	}
	var r Reader
	err = v.asking(ctx, m.Backend, func(ctx context.Context) (err error) {
		r, err = m.Backend.Open(ctx, inner, o)
		return err
	})
	return r, err
}

// readable returns the mount of p for an operation that reads the file there.
func (v *View) readable(p Path) (*Mount, Path, error) {
	if err := v.wantFile(p); err != nil {
		return nil, Path{}, err
	}
	m, inner, ok := v.mount(p)
	if !ok {
		return nil, Path{}, NewError(KindNotExist, nil)
	}
	return m, inner, v.rights.want(p, PermRead)
}

// wantFile refuses p for an operation on files, as far as that is known without a request
// to a store: a directory that always exists, and a path that can only name a directory.
func (v *View) wantFile(p Path) error {
	switch {
	case v.Fixed(p):
		return NewError(KindIsDir, nil)
	case p.OnlyDir():
		return &Error{Kind: KindIsDir, Reason: "path can only name a directory"}
	}
	return nil
}

// viewReader counts the bytes that are read and reports them. ctx is kept only for the
// event.
type viewReader struct {
	Reader
	v      *View
	ctx    context.Context
	event  Event
	start  time.Time
	closed bool
	*metered
}

func (r *viewReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(r.part(b))
	r.event.Bytes += int64(n)
	if late := r.moved(n); late != nil {
		err = late
	}
	return n, r.note(err)
}

// WriteTo writes the whole rest to w, with the backend's own WriteTo where it has one.
func (r *viewReader) WriteTo(w io.Writer) (int64, error) {
	src := &errorReader{r: r.Reader}
	w = meteredWriter{w, r.metered}
	var n int64
	var err error
	if wt, ok := r.Reader.(io.WriterTo); ok {
		n, err = wt.WriteTo(w)
		if _, ours := errors.AsType[*Error](err); ours {
			src.err = err
		}
	} else {
		n, err = io.Copy(w, src)
	}
	r.event.Bytes += n
	if refused := r.refusal(); refused != nil {
		return n, r.note(refused)
	}
	// An error of w comes from the client's connection: it is no error of reading.
	if src.err != nil {
		return n, r.note(src.err)
	}
	return n, err
}

func (r *viewReader) note(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
		return err
	}
	err = fail(r.event.Op, r.event.Path, err)
	r.event.Err = err
	return err
}

func (r *viewReader) Info() Info {
	info := r.Reader.Info()
	info.Name = r.event.Path.Base()
	return info
}

func (r *viewReader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.Reader.Close()
	r.event.Throttled = r.end()
	if r.event.Err == nil {
		r.event.Err = err
	}
	return r.v.done(r.ctx, r.event, r.start)
}

// errorReader remembers an error of reading, which io.Copy does not distinguish from one of
// writing, and hides every method but Read from io.Copy.
type errorReader struct {
	r   io.Reader
	err error
}

func (r *errorReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
