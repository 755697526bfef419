package sftp

import (
	"math"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

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

// setSize notes a size. Bytes that were written cannot be cut off. A larger size means that more
// bytes must come before the CLOSE, because nothing is filled with zeros: some programs set the
// size of a whole file before they write the first byte. A file that was opened with APPEND
// cannot get another size, because the bytes at its end would move.
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
