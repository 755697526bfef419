package sftp

import "github.com/tidegate/tidegate/vfs"

// becomes makes the upload a copy, if nothing of it was written and nothing of
// an old file stays.
func (u *upload) becomes(p vfs.Path, info vfs.Info) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	// What cannot be found out now is a reason to write it here.
	_ = u.look()
	if u.mode != replacing || u.received > 0 {
		return false
	}
	u.enter(copying)
	u.original = &original{p, info}
	return true
}

// commitCopy lets the store copy the version that was opened.
func (u *upload) commitCopy() (vfs.Info, error) {
	u.w.Abort() // nothing was written
	return u.s.conn.view.Copy(u.s.conn.ctx, u.original.path, u.path, vfs.CopyOptions{
		Version: u.original.info.Version, NoReplace: u.exclusive, ModTime: u.mtime,
	})
}
