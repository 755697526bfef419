package ftp

import (
	"errors"
	"io"
	"os"

	ftpserver "github.com/fclairamb/ftpserverlib"

	"github.com/tidegate/tidegate/vfs"
)

// open opens what the transfer is about.
func (t *transfer) open(p vfs.Path, flags int, offset int64) (ftpserver.FileTransfer, error) {
	if t.listing != nil {
		return t.listing.open(t)
	}
	if flags&os.O_WRONLY == 0 {
		r, err := t.observed().Open(t.ctx, p, vfs.OpenOptions{Offset: offset})
		if err != nil {
			return nil, err
		}
		t.download, t.expected = true, r.Info().Size-offset
		return &download{handle{t: t}, r}, nil
	}
	o := vfs.CreateOptions{Mode: vfs.ModeReplace, SizeHint: t.announced}
	t.offset = offset
	switch {
	case t.unique != "":
		o.Mode = vfs.ModeExclusive
	case flags&os.O_APPEND != 0:
		o.Mode = vfs.ModeAppend
	case offset < 0:
		return nil, vfs.NewError(vfs.KindOffset, nil)
	case offset > 0 && t.policy().RefuseResume:
		return nil, &vfs.Error{Kind: vfs.KindUnsupported, Reason: "resuming uploads is off"}
	case offset > 0:
		o.Mode, o.Offset = vfs.ModeResume, offset
	}
	w, err := t.s.view.Create(t.ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &upload{handle: handle{t: t}, w: w, path: p}, nil
}

// handle is what all files of transfers have in common. The library seeks to
// the REST position although it has passed it on opening already.
type handle struct{ t *transfer }

func (h handle) Seek(offset int64, _ int) (int64, error) { return offset, nil }
func (h handle) Read([]byte) (int, error)                { return 0, errors.ErrUnsupported }
func (h handle) Write([]byte) (int, error)               { return 0, errors.ErrUnsupported }

// TransferError is the library's word that copying failed.
func (h handle) TransferError(err error) { h.t.fail(err) }

// guard turns a panic into an error, with its stack in the log.
func (h handle) guard(err *error) {
	if r := recover(); r != nil {
		*err = h.t.s.panicked(r)
		h.t.fail(*err)
	}
}

// download is the file of a RETR.
type download struct {
	handle
	r vfs.Reader
}

// WriteTo sends the file; the library's copy comes here.
func (d *download) WriteTo(w io.Writer) (n int64, err error) {
	defer d.guard(&err)
	if !d.t.ascii {
		return d.r.(io.WriterTo).WriteTo(w)
	}
	converted, flush := toNetwork(w)
	if n, err = d.r.(io.WriterTo).WriteTo(converted); err != nil {
		return n, err
	}
	return n, flush()
}

func (d *download) Close() (err error) {
	defer d.guard(&err)
	return d.r.Close()
}

// upload is the file of a STOR, STOU or APPE.
type upload struct {
	handle
	w    vfs.Writer
	path vfs.Path
}

// ReadFrom receives the file; the library's copy comes here.
func (u *upload) ReadFrom(r io.Reader) (n int64, err error) {
	defer u.guard(&err)
	if u.t.ascii {
		r = fromNetwork(r)
	}
	return u.w.(io.ReaderFrom).ReadFrom(r)
}

// Write is only called for empty files, with nothing.
func (u *upload) Write(b []byte) (int, error) { return u.w.Write(b) }

// Close is the verdict: it commits, or abandons the upload and says why.
func (u *upload) Close() (err error) {
	defer u.guard(&err)
	defer u.w.Abort()
	if err := u.t.mayCommit(); err != nil {
		u.t.logAbandoned(u.path.String(), err)
		return err
	}
	if _, err := u.w.Commit(u.t.s.ctx, vfs.CommitOptions{}); err != nil {
		u.t.fail(err)
		u.t.logAbandoned(u.path.String(), err)
		return err
	}
	u.t.s.committed()
	return nil
}
