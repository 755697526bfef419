package ftp

import (
	"io"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// Open opens what the transfer is about.
func (t *transfer) Open(p vfs.Path) (io.Closer, error) {
	if t.listing != nil {
		return t.listing.open(t)
	}
	leave, err := t.s.login.account.User.Limits.Transfer()
	if err != nil {
		t.s.srv.observe.LimitReached(t.s.ctx, t.s.client, err)
		return nil, err
	}
	t.leave = leave
	switch {
	case !t.uploads():
		end, err := t.s.srv.downloads.begin(t.s.client.Holder())
		if err != nil {
			logRefusal(t.s, t.verb, p.String(), errorAnswer(t.verb, err), observe.Failure{Setting: "transfers.memory"})
			return nil, err
		}
		t.leave = func() {
			end()
			leave()
		}
		r, err := t.observed().Open(t.ctx, p, vfs.OpenOptions{Offset: t.offset})
		if err != nil {
			return nil, err
		}
		t.download, t.expected = true, r.Info().Size-t.offset
		return &download{t, r}, nil
	}
	o := vfs.CreateOptions{Mode: vfs.ModeReplace}
	switch {
	case t.unique != "":
		o.Mode = vfs.ModeExclusive
	case t.verb == "APPE":
		o.Mode = vfs.ModeAppend
	case t.offset > 0 && t.policy().RefuseResume:
		return nil, &vfs.Error{Kind: vfs.KindUnsupported, Reason: "resuming uploads is off"}
	case t.offset > 0:
		o.Mode, o.Offset = vfs.ModeResume, t.offset
	}
	w, err := t.observed().Create(t.ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &upload{t, w, p}, nil
}

// download is the file of a RETR.
type download struct {
	t *transfer
	r vfs.Reader
}

// WriteTo sends the file.
func (d *download) WriteTo(w io.Writer) (n int64, err error) {
	if !d.t.ascii {
		return d.r.(io.WriterTo).WriteTo(w)
	}
	converted, flush := data.ToNetwork(w)
	if n, err = d.r.(io.WriterTo).WriteTo(converted); err != nil {
		return n, err
	}
	return n, flush()
}

func (d *download) Close() error { return d.r.Close() }

// upload is the file of a STOR, STOU or APPE.
type upload struct {
	t    *transfer
	w    vfs.Writer
	path vfs.Path
}

// ReadFrom receives the file.
func (u *upload) ReadFrom(r io.Reader) (int64, error) {
	if u.t.ascii {
		r = data.FromNetwork(r)
	}
	return u.w.(io.ReaderFrom).ReadFrom(r)
}

// Write is only called for empty files, with nothing.
func (u *upload) Write(b []byte) (int, error) { return u.w.Write(b) }

// prepare begins the commit while it is not decided.
func (u *upload) prepare() {
	if p, ok := u.w.(vfs.Preparer); ok {
		p.Prepare(u.t.s.ctx, vfs.CommitOptions{})
	}
}

// Close commits the upload, or aborts it and reports why.
func (u *upload) Close() error {
	defer u.w.Abort()
	if err := u.t.mayCommit(u.prepare); err != nil {
		u.t.logAborted(u.path.String(), err)
		return err
	}
	s := u.t.s
	forgiven := s.control.Ended()
	if _, err := u.w.Commit(s.ctx, vfs.CommitOptions{}); err != nil {
		u.t.Fail(err)
		u.t.logAborted(u.path.String(), err)
		return err
	}
	s.committedAt.Store(time.Now().UnixNano())
	if !forgiven && s.control.Ended() {
		// The reader may have seen the end when nothing was committed yet.
		s.noteLoss()
	}
	return nil
}
