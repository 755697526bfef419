package sftp

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// The reasons for which an upload is abandoned that no request has named.
var (
	errShutdown = &vfs.Error{Kind: vfs.KindCanceled, Reason: "server is shutting down"}
	errLost     = &vfs.Error{Kind: vfs.KindCanceled, Reason: "connection ended before the file was closed"}
	errIdle     = &vfs.Error{Kind: vfs.KindCanceled, Reason: "client was idle"}
	errHole     = &vfs.Error{Kind: vfs.KindOffset, Reason: "file has a hole that was never written"}
	errSize     = &vfs.Error{Kind: vfs.KindOffset, Reason: "file was not written up to the size that was set"}
	errPart     = &vfs.Error{Kind: vfs.KindUnsupported, Reason: "only a part of the stored file was written"}
	errReadOnly = &vfs.Error{Kind: vfs.KindPermission, Reason: "file is open for reading only"}
	errUnread   = &vfs.Error{Kind: vfs.KindPermission, Reason: "file is open for writing only"}
	errWritten  = &vfs.Error{Kind: vfs.KindUnsupported, Reason: "what is being written cannot be read before it is closed"}
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
	// w is nil until it is decided how the file is written (see decide), and after
	// fsync.
	w vfs.Writer
	// synced is true when fsync has stored all of the file that had come.
	synced bool
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
	// size is what the client has set last, -1 when it has not; kept is the least
	// that it has set before it was decided how the file is written: as much of an
	// old file is still there.
	size, kept int64
	mtime      time.Time
	// cause is the first reason not to commit.
	cause error
}

// source is where the bytes of a WRITE come from: at most n at a time, good until
// the next call.
type source interface {
	Some(n int) ([]byte, error)
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
			some, err := in.Some(len(b))
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
		b, err := in.Some(n)
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
	if u.w == nil {
		if err := u.reopen(); err != nil {
			return err
		}
	}
	n, err := u.w.Write(b)
	u.next += int64(n)
	u.received += int64(n)
	return err
}

// setstat takes FSETSTAT and SETSTAT: times are kept at the commit, and a size is
// what the file must have reached by then.
func (u *upload) setstat(a wire.Attributes) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause != nil {
		return u.cause
	}
	if a.Flags&wire.AttrTimes != 0 {
		u.mtime = a.ModTime
	}
	if a.Flags&wire.AttrSize == 0 {
		return nil
	}
	if a.Size > math.MaxInt64 {
		return vfs.NewError(vfs.KindOffset, nil)
	}
	u.cause = u.setSize(int64(a.Size))
	return u.cause
}

// setSize notes a size. Nothing can be cut off what was written; what lies beyond
// it is bytes that must still come, as nothing writes zeros here: programs reserve
// the room of a whole file before they write the first byte. What is at the end of
// a file that is appended to would move.
func (u *upload) setSize(n int64) error {
	switch {
	case n == 0 && u.reach() == 0 && u.original == nil && !u.synced:
		// Emptied before anything was written, which is what TRUNC does.
		if err := u.empty(); err != nil {
			return err
		}
	case u.started && n < u.reach(), u.appends && n != max(u.reach(), u.old):
		return errCut
	case !u.started:
		u.kept = min(u.kept, n)
	}
	u.size = n
	return nil
}

// empty begins a new file, if none is begun.
func (u *upload) empty() error {
	switch {
	case u.started:
		return nil
	case u.w != nil:
		u.w.Abort()
		u.w = nil
	}
	u.old, u.unasked, u.coming = -1, false, nil
	return u.begin(vfs.CreateOptions{})
}

// reach is the end of what was written, be it before its turn.
func (u *upload) reach() int64 { return max(u.length(), u.pieces.end()+u.shift) }

// readable reports whether off is at the end of the file or behind it. What was
// written cannot be read; what is stored can be, while it is the file.
func (u *upload) readable(off int64) (atEnd bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.cause != nil:
		return false, u.cause
	case off < 0:
		return false, vfs.NewError(vfs.KindOffset, nil)
	case u.isStored():
		return false, nil
	case u.started && off >= max(u.reach(), u.size):
		return true, nil
	}
	return false, errWritten
}

// isStored reports whether the file is what is stored: nothing else has been asked
// for since it was opened, or since fsync.
func (u *upload) isStored() bool {
	return u.pieces.empty() && u.size < 0 && u.original == nil && (!u.started || u.synced && u.w == nil)
}

// describe tells what is there by now: changed is false while that is the
// stored file.
func (u *upload) describe() (info vfs.Info, changed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.look(); err != nil {
		return vfs.Info{}, false, err
	}
	switch {
	case u.started:
		// What is still coming changes now: who is told no time shows 1970.
		info = vfs.Info{Name: u.path.Base(), Type: vfs.TypeFile, Size: max(u.length(), u.size), ModTime: time.Now()}
		if u.isStored() {
			info.ModTime = u.stored.ModTime
		}
		changed = true
	case u.coming != nil:
		info, changed = *u.coming, true
	default:
		info = u.stored
	}
	if !u.started && u.size >= 0 {
		info.Size, changed = u.size, true
	}
	if !u.mtime.IsZero() {
		info.ModTime, changed = u.mtime, true
	}
	return info, changed, nil
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

// fail notes why the upload cannot be committed, unless there is a reason
// already.
func (u *upload) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause == nil {
		u.cause = err
	}
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
