package local

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/tidegate/tidegate/vfs"
)

// Open opens the file at p. A replaced or removed file exists until its Readers are closed.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	name, err := b.begin(ctx, p)
	if err != nil {
		return nil, err
	}
	f, fi, err := b.openFile(name)
	if err != nil {
		return nil, err
	}
	r := &reader{b: b, ctx: ctx, f: f, info: describe(fi, p.Base())}
	switch {
	case o.Version != "" && o.Version != r.info.Version:
		err = vfs.NewError(vfs.KindConflict, nil)
	case o.Offset < 0 || o.Offset > r.info.Size:
		err = vfs.NewError(vfs.KindOffset, nil)
	case o.Offset > 0:
		_, err = f.Seek(o.Offset, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(b.fail(err), f.Close())
	}
	return r, nil
}

// openFile opens a regular file. It checks the type before, because opening another type
// may have effects, and after, because the file may have been replaced.
func (b *Backend) openFile(name string) (*os.File, os.FileInfo, error) {
	if _, err := b.statFile(name); err != nil {
		return nil, nil, err
	}
	f, err := b.root().OpenFile(name, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, nil, b.fail(err)
	}
	fi, err := f.Stat()
	switch {
	case err != nil:
		err = b.fail(err)
	case fi.IsDir():
		err = vfs.NewError(vfs.KindIsDir, nil)
	case !isEntry(fi):
		err = vfs.NewError(vfs.KindNotExist, errNoEntry)
	default:
		return f, fi, nil
	}
	return nil, nil, errors.Join(err, f.Close())
}

type reader struct {
	b    *Backend
	ctx  context.Context
	f    *os.File
	info vfs.Info
}

var _ io.WriterTo = (*reader)(nil)

func (r *reader) Info() vfs.Info { return r.info }

func (r *reader) Read(p []byte) (int, error) {
	if err := canceled(r.ctx); err != nil {
		return 0, err
	}
	n, err := r.f.Read(p)
	return n, r.fail(err)
}

// WriteTo lets the kernel move the bytes when w is a socket or a file.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	n, err := transfer(r.ctx, w, r.f)
	return n, r.fail(err)
}

// fail maps an error of the file. io.EOF and the errors of the writer in WriteTo are
// returned unchanged.
func (r *reader) fail(err error) error {
	if err == nil || errors.Is(err, io.EOF) || !isFrom(err, r.f) {
		return err
	}
	return r.b.fail(err)
}

func (r *reader) Close() error { return r.b.fail(r.f.Close()) }
