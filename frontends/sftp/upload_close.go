package sftp

import (
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// close stores the file, or abandons the upload and returns why.
func (u *upload) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	defer u.s.conn.uploadClosed()
	defer u.cancel()
	defer u.early.Drop()
	defer func() {
		if u.w != nil {
			u.w.Abort()
		}
	}()
	if u.mode != failed {
		if err := u.store(); err != nil {
			_ = u.failWith(err)
		}
	}
	if u.cause != nil {
		u.s.conn.srv.observe.UploadAborted(u.s.conn.ctx, u.s.conn.client, u.path.String(), u.received, u.cause, "")
	}
	return u.cause
}

// sync answers fsync: it stores what has come, as a CLOSE would, so that its answer
// is a durable acknowledgement too. What comes then is added to it. A file with a
// hole, or without the last bytes of the size that was set, cannot be stored yet.
func (u *upload) sync() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.look(); err != nil {
		return u.failWith(err)
	}
	if u.untouched() {
		return nil // times are the CLOSE's
	}
	if err := u.complete(); err != nil {
		return err
	}
	if err := u.commit(); err != nil {
		return u.failWith(err)
	}
	return nil
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
	case !u.early.Empty():
		return false
	case u.mode == stored:
		return u.size <= u.length()
	case u.mode.decided():
		return false
	}
	return u.size < 0 || u.size == u.before.size && u.kept >= u.before.size
}

// closeUntouched ends an upload of nothing to a file that is there.
func (u *upload) closeUntouched() error {
	if u.mtime.IsZero() {
		return nil
	}
	return u.s.conn.view.SetModTime(u.s.conn.ctx, u.path, u.mtime)
}

// complete returns why what was written is not the whole file.
func (u *upload) complete() error {
	if u.ctx.Err() != nil {
		return u.s.conn.forced()
	}
	if !u.mode.decided() {
		if err := u.decideLast(); err != nil {
			return err
		}
	}
	switch {
	case !u.early.Empty():
		return errHole
	case u.size > u.length():
		return errSize
	case u.mode == rewriting && u.size < 0:
		// Without TRUNC the rest of the old file would have to stay.
		if err := u.ask(); err != nil {
			return err
		}
		if u.next < u.before.size {
			return errPart
		}
	}
	return nil
}

// decideLast decides when nothing more comes.
func (u *upload) decideLast() error {
	switch {
	case u.early.Empty():
		return errSize
	case u.early.Start() != u.before.size:
		return errMiddle
	}
	if err := u.resume(); err != nil {
		return err
	}
	return u.drain()
}

// commit stores what was written. What comes after it follows it.
func (u *upload) commit() error {
	var info vfs.Info
	var err error
	if u.mode == copying {
		info, err = u.commitCopy()
	} else {
		info, err = u.w.Commit(u.s.conn.ctx, vfs.CommitOptions{ModTime: u.mtime})
	}
	if err != nil {
		return err
	}
	if u.mode == copying {
		u.next, u.original = u.original.info.Size, nil
	}
	u.enter(stored)
	u.w, u.before = nil, before{known: true, size: u.length(), info: info}
	u.exclusive, u.size, u.mtime = false, -1, time.Time{}
	return nil
}
