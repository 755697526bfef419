package sftp

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
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
// copy-data and CLOSE meet in one state, and no mode has a method of its own: most
// requests are possible in most modes. Each file has the methods of a few requests,
// and uses those of the files before it: upload_open.go, upload_write.go,
// upload_attributes.go, upload_copy.go, upload_close.go.
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

// original is the file that the store shall copy.
type original struct {
	path vfs.Path
	info vfs.Info
}

// before is the file that was there at the OPEN, or that an fsync has stored.
type before struct {
	// known is false while it was not looked up whether there is one: it matters only
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

// abandon ends an upload whose CLOSE does not come. Unless an fsync has stored all of it, the
// upload has failed with err.
func (u *upload) abandon(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.mode == stored && u.isStored() {
		u.mtime = time.Time{} // times are the CLOSE's
		return
	}
	_ = u.failWith(err)
}

// enter changes the mode. It is the only place where that happens. A transition that
// is none is a mistake of this package.
func (u *upload) enter(m mode) {
	if !u.mode.mayBecome(m) {
		panic(fmt.Sprintf("sftp: an upload that is %v cannot become %v", u.mode, m))
	}
	u.mode = m
}

// failWith makes the upload one that is not stored, unless it is that already. It
// returns the first reason.
func (u *upload) failWith(err error) error {
	if u.mode != failed {
		u.enter(failed)
		u.cause = err
	}
	return u.cause
}
