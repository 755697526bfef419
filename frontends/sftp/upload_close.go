package sftp

import (
	"time"

	"github.com/tidegate/tidegate/vfs"
)

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
		u.cause = u.store()
	}
	if u.cause != nil {
		u.s.srv.observe.UploadAborted(u.s.ctx, u.s.conn.client, u.path.String(), u.received, u.cause, "")
	}
	return u.cause
}

// sync answers fsync: it stores what has come, as a CLOSE would, so that its answer
// is a receipt too. What comes then goes on from there. A file with a hole, or
// without the last bytes of the size that was set, cannot be stored yet.
func (u *upload) sync() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cause == nil {
		u.cause = u.look()
	}
	switch {
	case u.cause != nil:
		return u.cause
	case u.untouched():
		return nil // times are the CLOSE's
	}
	if err := u.complete(); err != nil {
		return err
	}
	u.cause = u.commit()
	return u.cause
}

// store makes what was written the file.
func (u *upload) store() error {
	if err := u.look(); err != nil {
		return err
	}
	if u.untouched() {
		return u.closeUntouched()
	}
	if err := u.complete(); err != nil {
		return err
	}
	return u.commit()
}

// untouched reports whether the stored file is what was asked for.
func (u *upload) untouched() bool {
	switch {
	case !u.pieces.empty() || u.original != nil:
		return false
	case u.started:
		return u.synced && u.w == nil && u.size <= u.length()
	}
	return u.size < 0 || u.size == u.old && u.kept >= u.old
}

// closeUntouched ends an upload of nothing to a file that is there.
func (u *upload) closeUntouched() error {
	if u.mtime.IsZero() {
		return nil
	}
	return u.s.view.SetModTime(u.s.ctx, u.path, u.mtime)
}

// complete returns why what was written is not the whole file.
func (u *upload) complete() error {
	if u.ctx.Err() != nil {
		return errShutdown
	}
	if !u.started {
		if err := u.decideLast(); err != nil {
			return err
		}
	}
	switch {
	case !u.pieces.empty():
		return errHole
	case u.size > u.length():
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

// commit stores what was written. What comes after it follows it.
func (u *upload) commit() error {
	var info vfs.Info
	var err error
	if u.original != nil {
		info, err = u.commitCopy()
	} else {
		info, err = u.w.Commit(u.s.ctx, vfs.CommitOptions{ModTime: u.mtime})
	}
	if err != nil {
		return err
	}
	if u.original != nil {
		u.next, u.original = u.original.info.Size, nil
	}
	u.w, u.synced, u.stored, u.old = nil, true, info, u.length()
	u.replaces, u.exclusive, u.unasked, u.size, u.mtime = false, false, false, -1, time.Time{}
	return nil
}

// reopen opens the writer again that fsync has ended. Nobody may have changed the
// file meanwhile.
func (u *upload) reopen() error {
	if err := u.resume(); err != nil {
		return err
	}
	if old, _ := u.w.Old(); old.Version != u.stored.Version {
		return vfs.NewError(vfs.KindConflict, nil)
	}
	return nil
}
