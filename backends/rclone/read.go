package rclone

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// Open reads the file in one stream, from the offset to the end. An interrupted stream is
// not resumed: rclone cannot request the version that it began with, and a mix of an old
// and a new file would be worse than an error.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	remote, err := b.begin(ctx, p)
	if err != nil {
		return nil, err
	}
	if o.Version != "" {
		return nil, vfs.NewError(vfs.KindUnsupported, errNoVersions)
	}
	object, err := b.find(ctx, remote)
	if vfs.KindOf(err) == vfs.KindNotExist && b.findDir(ctx, remote) == nil {
		err = vfs.NewError(vfs.KindIsDir, err)
	}
	if err != nil {
		return nil, err
	}
	size := object.Size()
	if o.Offset < 0 || size >= 0 && o.Offset > size {
		return nil, vfs.NewError(vfs.KindOffset, nil)
	}
	r := &reader{b: b, ctx: ctx, left: -1, detach: func() bool { return true }}
	if size >= 0 {
		r.left = size - o.Offset
	}
	if r.left == 0 && o.Offset > 0 {
		// Many stores refuse a range that begins at the end.
		r.info = b.infoOf(ctx, object)
		return r, nil
	}
	var options []fs.OpenOption
	if o.Offset > 0 {
		options = append(options, &fs.SeekOption{Offset: o.Offset})
	}
	body, err := call(b.with(ctx), b, callOpen, func(ctx context.Context) (io.ReadCloser, error) { return object.Open(ctx, options...) })
	if err != nil {
		return nil, r.b.mapError(err)
	}
	r.body = body
	// The answer may be of a newer version than the object, and most stores then update the
	// object's size; with an offset it may be the size of the range.
	if now := object.Size(); o.Offset == 0 && now >= 0 {
		r.left = now
	}
	r.info = b.infoOf(ctx, object)
	r.detach = context.AfterFunc(ctx, func() { _ = r.closeBody() })
	return r, nil
}

// errNoVersions: no property of a file in rclone certainly changes with the content.
var errNoVersions = errors.New("the store has no versions")

type reader struct {
	b    *Backend
	ctx  context.Context
	info vfs.Info
	// left is the number of bytes that are still expected, -1 when unknown.
	left int64
	body io.ReadCloser
	// detach ends the watch of ctx. At the end of ctx the watch closes the body, so that a
	// blocked Read returns: not every store checks the context.
	detach func() bool

	closing  sync.Once
	closeErr error
}

var _ vfs.Reader = (*reader)(nil)

func (r *reader) Info() vfs.Info { return r.info }

func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, vfs.NewError(vfs.KindCanceled, r.ctx.Err())
	}
	if r.body == nil {
		return 0, io.EOF
	}
	n, err := r.body.Read(p)
	if r.left >= 0 {
		if int64(n) > r.left {
			return 0, vfs.NewError(vfs.KindConflict, errors.New("the file is longer than it was when it was opened"))
		}
		r.left -= int64(n)
	}
	switch {
	case err == nil:
		return n, nil
	case r.ctx.Err() != nil:
		return n, vfs.NewError(vfs.KindCanceled, errors.Join(r.ctx.Err(), err))
	case !errors.Is(err, io.EOF):
		return n, r.b.mapError(err)
	case r.left > 0:
		// A broken connection is another error. Here the stream has ended normally, so the
		// file is not the one that was described.
		return n, vfs.NewError(vfs.KindConflict, io.ErrUnexpectedEOF)
	}
	return n, io.EOF
}

func (r *reader) Close() error {
	r.detach()
	return r.b.mapError(r.closeBody())
}

// closeBody closes the body once and waits when another goroutine is about to.
func (r *reader) closeBody() error {
	r.closing.Do(func() {
		if r.body != nil {
			r.closeErr = r.body.Close()
		}
	})
	return r.closeErr
}
