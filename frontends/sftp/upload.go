package sftp

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// The reasons for which an upload is abandoned that no request has named.
var (
	errShutdown = &vfs.Error{Kind: vfs.KindCanceled, Reason: "server is shutting down"}
	errLost     = &vfs.Error{Kind: vfs.KindCanceled, Reason: "connection ended before the file was closed"}
	errIdle     = &vfs.Error{Kind: vfs.KindCanceled, Reason: "client was idle"}
	errHole     = &vfs.Error{Kind: vfs.KindOffset, Reason: "file has a hole that was never written"}
	errSize     = &vfs.Error{Kind: vfs.KindOffset, Reason: "size that was set is not what was written"}
	errPart     = &vfs.Error{Kind: vfs.KindUnsupported, Reason: "only a part of the stored file was written"}
	errReadOnly = &vfs.Error{Kind: vfs.KindPermission, Reason: "file is open for reading only"}
	errAgain    = &vfs.Error{Kind: vfs.KindUnsupported, Reason: "what was written cannot be written again"}
	errCut      = &vfs.Error{Kind: vfs.KindUnsupported, Reason: "a file cannot be cut or extended"}
	errMiddle   = &vfs.Error{Kind: vfs.KindOffset, Reason: "files are written from the beginning, or from their end on"}
)

// upload is a file that is being written. The writer underneath takes bytes in
// order; once they are there nothing can change them.
type upload struct {
	s      *session
	path   vfs.Path
	ctx    context.Context
	cancel context.CancelFunc
	// old is the size of the file that was there at the OPEN, -1 when none was
	// or when it does not matter; stored describes it then. coming, when it is
	// set, is what this session was about to store.
	old    int64
	stored vfs.Info
	coming *vfs.Info
	// unasked is true while nobody has looked whether there is one: it matters
	// only when the first WRITE is not at the beginning, or when the client does
	// not say with the size that this is all, as scp does.
	unasked bool
	// appends is true when the file was opened with APPEND, exclusive when it
	// must be new.
	appends, exclusive bool

	mu sync.Mutex
	// w is nil until it is decided how the file is written: see decide.
	w vfs.Writer
	// started is true when next is known: the offset that w waits for, as the
	// client counts. shift is what the client's offsets lack of the file's.
	started     bool
	next, shift int64
	// pieces came before their turn.
	pieces pieces
	// received counts bytes.
	received int64
	// replaces is true when w takes the place of a file of which more than was
	// written may be left, unless the client sets the size.
	replaces bool
	// original, when it is set, is what this becomes a copy of.
	original *original
	// size is what the client has set, -1 when it has not.
	size  int64
	mtime time.Time
	// cause is the first reason not to commit.
	cause error
}

// source is where the bytes of a WRITE come from: at most n at a time, good until
// the next call.
type source interface {
	some(n int) ([]byte, error)
}

// receive takes the n bytes of one WRITE from the inbox; what it leaves there was
// refused. Whatever cannot be done makes the upload one that is not committed.
func (u *upload) receive(in source, off uint64, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause == nil {
		u.cause = u.take(in, off, n)
	}
	return u.cause
}

func (u *upload) take(in source, where uint64, n int) error {
	off := int64(where)
	switch {
	case n == 0:
		return nil
	case u.original != nil:
		return errAgain
	case off < 0 || off > math.MaxInt64-int64(n):
		return vfs.NewError(vfs.KindOffset, nil)
	case !u.started:
		if err := u.decide(off); err != nil {
			return err
		}
	}
	switch {
	case u.started && off == u.next:
		if err := u.stream(in, n); err != nil {
			return err
		}
		return u.drain()
	case u.started && off < u.next:
		return errAgain
	}
	if err := u.pieces.room(u.next, off, n); err != nil {
		return err
	}
	err := u.pieces.add(off, n, func(b []byte) error {
		for len(b) > 0 {
			some, err := in.some(len(b))
			if err != nil {
				return u.cut(err)
			}
			b = b[copy(b, some):]
		}
		return nil
	})
	if err != nil {
		return err
	}
	u.received += int64(n)
	return nil
}

// stream writes the next n bytes as they come.
func (u *upload) stream(in source, n int) error {
	for n > 0 {
		b, err := in.some(n)
		if err != nil {
			return u.cut(err)
		}
		if err := u.write(b); err != nil {
			return err
		}
		n -= len(b)
	}
	return nil
}

// cut is the end of the connection in the middle of a WRITE.
func (u *upload) cut(error) error { return u.s.lostReason() }

// state returns why the upload cannot be committed, so far.
func (u *upload) state() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.cause
}

// drain writes the pieces whose turn it is.
func (u *upload) drain() error {
	for u.started && !u.pieces.empty() && u.pieces.first() <= u.next {
		if u.pieces.first() < u.next {
			return errAgain
		}
		err := u.pieces.next(func(b []byte) error {
			u.received -= int64(len(b))
			return u.write(b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *upload) write(b []byte) error {
	n, err := u.w.Write(b)
	u.next += int64(n)
	u.received += int64(n)
	return err
}

// setstat takes FSETSTAT and SETSTAT: times are kept at the commit, and a size
// must be what is written in the end, as OpenSSH's scp sets it.
func (u *upload) setstat(a attributes) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause != nil {
		return u.cause
	}
	if a.flags&attrTimes != 0 {
		u.mtime = a.mtime
	}
	if a.flags&attrSize == 0 {
		return nil
	}
	size := a.size
	if size == 0 && u.received == 0 && u.next == 0 && u.original == nil {
		// Emptied before anything was written, which is what TRUNC does.
		if u.w == nil && !u.appends {
			u.cause = u.begin(vfs.CreateOptions{})
		} else if !u.started {
			u.cause = errCut
		}
		return u.cause
	}
	// Clients set the size before they have sent everything.
	if size > uint64(u.length()+window) {
		if err := u.ask(); err != nil {
			return err
		}
	}
	least, most := u.length(), max(u.length(), u.old)+window
	if size > uint64(most) || int64(size) < least {
		u.cause = errCut
		return u.cause
	}
	u.size = int64(size)
	return nil
}

// describe tells what is there by now: changed is false while that is the
// stored file.
func (u *upload) describe() (info vfs.Info, changed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.look(); err != nil {
		return vfs.Info{}, false, err
	}
	if !u.started && u.coming != nil {
		return *u.coming, true, nil
	}
	if !u.started {
		return u.stored, false, nil
	}
	return vfs.Info{Name: u.path.Base(), Type: vfs.TypeFile, Size: u.length(), ModTime: u.mtime}, true, nil
}

// length is how long the file will be, so far.
func (u *upload) length() int64 {
	if u.original != nil {
		return u.original.info.Size
	}
	return u.next + u.shift
}

// much reports whether it is a large upload, from 1 MiB on. Then the memory for it
// is worth its price.
func (u *upload) much() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.received > 1<<20
}

// dirty reports whether anything was written.
func (u *upload) dirty() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.received > 0 || u.cause != nil || u.original != nil
}

// fail notes why the upload cannot be committed, unless there is a reason
// already.
func (u *upload) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause == nil {
		u.cause = err
	}
}

// close is the verdict: it commits, or abandons the upload and says why.
func (u *upload) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	defer u.s.srv.uploads.Add(-1)
	defer u.cancel()
	defer u.pieces.drop()
	defer func() {
		if u.w != nil {
			u.w.Abort()
		}
	}()
	if u.cause == nil {
		u.cause = u.look()
	}
	if u.cause == nil && !u.started && u.pieces.empty() && (u.size < 0 || u.size == u.old) {
		return u.closeUntouched()
	}
	if u.cause == nil && !u.started {
		u.cause = u.decideLast()
	}
	if u.cause == nil {
		u.cause = u.doubts()
	}
	switch {
	case u.cause != nil:
	case u.original != nil:
		u.cause = u.commitCopy()
	default:
		_, u.cause = u.w.Commit(u.s.ctx, vfs.CommitOptions{ModTime: u.mtime})
	}
	if u.cause != nil {
		u.s.srv.tally.Abandon(u.s.log, u.path.String(), u.received, u.cause, "")
	}
	return u.cause
}

// closeUntouched ends an upload of nothing to a file that is there.
func (u *upload) closeUntouched() error {
	if u.mtime.IsZero() {
		return nil
	}
	return u.s.view.SetModTime(u.s.ctx, u.path, u.mtime)
}

// decideLast decides when nothing more comes.
func (u *upload) decideLast() error {
	switch {
	case u.pieces.empty():
		return errSize
	case u.pieces.first() != u.old:
		return errMiddle
	}
	return u.goOn()
}

// doubts returns why what was written is not the whole file.
func (u *upload) doubts() error {
	switch {
	case u.ctx.Err() != nil:
		return errShutdown
	case !u.pieces.empty():
		return errHole
	case u.size >= 0 && u.size != u.length():
		return errSize
	case u.replaces && u.size < 0:
		// Without TRUNC the rest of the old file would have to stay.
		if err := u.ask(); err != nil {
			return err
		}
		if u.next < u.old {
			return errPart
		}
	}
	return nil
}

// lostReason is why a channel ended without a CLOSE.
func (s *session) lostReason() error {
	switch {
	case s.ctx.Err() != nil:
		return errShutdown
	case s.endReason() == "idle":
		return errIdle
	}
	return errLost
}
