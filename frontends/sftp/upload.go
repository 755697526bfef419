package sftp

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
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
	errCrowded  = &vfs.Error{Kind: vfs.KindUnavailable, Reason: "server has no memory left for data that comes before its turn"}
	errMiddle   = &vfs.Error{Kind: vfs.KindOffset, Reason: "files are written from the beginning, or from their end on"}
)

// upload is a file that is being written. The writer underneath takes bytes in
// order; once they are there nothing can change them.
//
// It has more methods than other types: OPEN, WRITE, FSETSTAT, READ, FSTAT, fsync,
// copy-data and CLOSE meet in one state. Each file holds those of a few requests.
type upload struct {
	s      *session
	path   vfs.Path
	ctx    context.Context
	cancel context.CancelFunc
	// appends is true when the file was opened with APPEND, exclusive when it
	// must be new.
	appends, exclusive bool

	mu sync.Mutex
	// mode is changed by enter, and cause is set while it is failed.
	mode  mode
	cause error
	// w is open while the mode is positioned, replacing, rewriting or appending.
	w      vfs.Writer
	before before
	// next is the offset that w waits for, as the client counts, and offsetDelta is
	// what the client's offsets lack of the file's.
	next, offsetDelta int64
	// early are the WRITEs that came before their turn.
	early *reorder.Buffer
	// received counts bytes.
	received int64
	// original is what the upload becomes a copy of, nil unless it is copying.
	original *original
	// size is what the client has set last, -1 when it has not; kept is the least
	// that it has set before it was decided how the file is written: as much of an
	// old file is still there.
	size, kept int64
	mtime      time.Time
}

// before is the file that was there at the OPEN, or that an fsync has stored.
type before struct {
	// known is false while nobody has looked whether there is one: it matters only
	// when the first WRITE is not at the beginning, or when the client does not say
	// with the size that this is all, as scp does.
	known bool
	// size is -1 when there is none, or when it does not matter. info describes it
	// unless it is pending.
	size int64
	info vfs.Info
	// pending, when it is set, is what this session was about to store there.
	pending *vfs.Info
}

// source is where the bytes of a WRITE come from: at most n at a time, good until
// the next call.
type source interface {
	Some(n int) ([]byte, error)
}

// receive takes the n bytes of one WRITE from the receive buffer; what it leaves
// there was refused. Whatever cannot be done makes the upload fail.
func (u *upload) receive(in source, off uint64, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.mode != failed {
		if err := u.take(in, off, n); err != nil {
			_ = u.failWith(err)
		}
	}
	return u.cause
}

func (u *upload) take(in source, where uint64, n int) error {
	off := int64(where)
	switch {
	case n == 0:
		return nil
	case u.mode == copying:
		return errAgain
	case off < 0 || off > math.MaxInt64-int64(n):
		return vfs.NewError(vfs.KindOffset, nil)
	case !u.mode.decided():
		if err := u.decide(off); err != nil {
			return err
		}
	}
	switch {
	case u.mode.decided() && off == u.next:
		if err := u.stream(in, n); err != nil {
			return err
		}
		return u.drain()
	case u.mode.decided() && off < u.next:
		return errAgain
	}
	return u.hold(in, off, n)
}

// hold keeps a WRITE that comes before its turn.
func (u *upload) hold(in source, off int64, n int) error {
	err := u.early.Add(u.next, off, n, func(b []byte) error {
		for len(b) > 0 {
			some, err := in.Some(len(b))
			if err != nil {
				return u.s.lostReason()
			}
			b = b[copy(b, some):]
		}
		return nil
	})
	switch {
	case errors.Is(err, reorder.ErrOverlap):
		return errAgain
	case errors.Is(err, reorder.ErrFull):
		return unsupported("written too far ahead of what is missing")
	case err == nil:
		u.received += int64(n)
	}
	return err
}

// stream writes the next n bytes as they come.
func (u *upload) stream(in source, n int) error {
	for n > 0 {
		b, err := in.Some(n)
		if err != nil {
			return u.s.lostReason()
		}
		if err := u.write(b); err != nil {
			return err
		}
		n -= len(b)
	}
	return nil
}

// drain writes the WRITEs whose turn it is.
func (u *upload) drain() error {
	for !u.early.Empty() && u.early.Start() <= u.next {
		if u.early.Start() < u.next {
			return errAgain
		}
		err := u.early.Pop(func(b []byte) error {
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
	if u.mode == stored {
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
	if u.mode == failed {
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
	if err := u.setSize(int64(a.Size)); err != nil {
		return u.failWith(err)
	}
	return nil
}

// setSize notes a size. Nothing can be cut off what was written; what lies beyond
// it is bytes that must still come, as nothing writes zeros here: programs reserve
// the room of a whole file before they write the first byte. What is at the end of
// a file that is appended to would move.
func (u *upload) setSize(n int64) error {
	switch {
	case n == 0 && u.reach() == 0 && u.mode != copying && u.mode != stored:
		// Emptied before anything was written, which is what TRUNC does.
		if err := u.empty(); err != nil {
			return err
		}
	case u.mode.decided() && n < u.reach(), u.appends && n != max(u.reach(), u.before.size):
		return errCut
	case !u.mode.decided():
		u.kept = min(u.kept, n)
	}
	u.size = n
	return nil
}

// empty begins a new file, if none is begun.
func (u *upload) empty() error {
	if u.mode.decided() {
		return nil
	}
	if u.w != nil {
		u.w.Abort()
		u.w = nil
	}
	u.before = before{known: true, size: -1}
	return u.begin(vfs.CreateOptions{}, replacing)
}

// reach is the end of what was written, be it before its turn.
func (u *upload) reach() int64 { return max(u.length(), u.early.End()+u.offsetDelta) }

// readable reports whether off is at the end of the file or behind it. What was
// written cannot be read; what is stored can be, while it is the file.
func (u *upload) readable(off int64) (atEnd bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.mode == failed:
		return false, u.cause
	case off < 0:
		return false, vfs.NewError(vfs.KindOffset, nil)
	case u.isStored():
		return false, nil
	case u.mode.decided() && off >= max(u.reach(), u.size):
		return true, nil
	}
	return false, errWritten
}

// isStored reports whether the file is what is stored: nothing else has been asked
// for since it was opened, or since fsync.
func (u *upload) isStored() bool {
	return u.early.Empty() && u.size < 0 && (u.mode == stored || !u.mode.decided())
}

// describe returns what the file is by now: changed is false while that is the
// stored file. The error of an upload that has failed is the reason of that.
func (u *upload) describe() (info vfs.Info, changed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.look(); err != nil {
		return vfs.Info{}, false, err
	}
	switch {
	case u.mode.decided():
		// What is still coming changes now: a client that gets no time shows 1970.
		info = vfs.Info{Name: u.path.Base(), Type: vfs.TypeFile, Size: max(u.length(), u.size), ModTime: time.Now()}
		if u.isStored() {
			info.ModTime = u.before.info.ModTime
		}
		changed = true
	case u.before.pending != nil:
		info, changed = *u.before.pending, true
	default:
		info = u.before.info
	}
	if !u.mode.decided() && u.size >= 0 {
		info.Size, changed = u.size, true
	}
	if !u.mtime.IsZero() {
		info.ModTime, changed = u.mtime, true
	}
	return info, changed, nil
}

// length is how long the file will be, so far.
func (u *upload) length() int64 {
	if u.mode == copying {
		return u.original.info.Size
	}
	return u.next + u.offsetDelta
}

// isBulk reports whether it is a large upload, from 1 MiB on. Then the memory for it
// is worth its price.
func (u *upload) isBulk() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.received > 1<<20
}

// fail makes the upload one that is not stored.
func (u *upload) fail(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.failWith(err)
}

// lostReason is why a channel ended without a CLOSE.
func (s *session) lostReason() error {
	switch {
	case s.conn.ctx.Err() != nil:
		return errShutdown
	case s.conn.endReason() == "idle":
		return errIdle
	}
	return errLost
}
