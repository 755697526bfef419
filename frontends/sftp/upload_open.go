package sftp

import (
	"context"
	"math"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// openUpload begins an upload as flags say.
func (s *session) openUpload(p vfs.Path, flags uint32, pending *vfs.Info) (*upload, error) {
	u := &upload{
		s: s, path: p, appends: flags&wire.OpenAppend != 0,
		exclusive: flags&(wire.OpenCreate|wire.OpenExclusive) == wire.OpenCreate|wire.OpenExclusive,
		before:    before{known: true, size: -1, pending: pending},
		early:     reorder.New(reorderMemory{s}),
		size:      -1, kept: math.MaxInt64,
	}
	u.ctx, u.cancel = context.WithCancel(s.conn.ctx)
	if err := u.open(flags); err != nil {
		u.cancel()
		return nil, err
	}
	s.conn.uploadOpened()
	return u, nil
}

func (u *upload) open(flags uint32) error {
	switch {
	case u.exclusive:
		// A store may notice at the commit only; a client that makes a lock file
		// does not wait for that.
		if _, err := u.s.conn.view.Stat(u.ctx, u.path, vfs.TypeFile); err == nil {
			return vfs.NewError(vfs.KindExist, nil)
		}
		return u.begin(vfs.CreateOptions{Mode: vfs.ModeExclusive}, replacing)
	case flags&(wire.OpenCreate|wire.OpenTruncate) == wire.OpenCreate|wire.OpenTruncate:
		return u.begin(vfs.CreateOptions{}, replacing)
	}
	switch {
	case flags&wire.OpenTruncate != 0:
	case u.before.pending != nil:
		u.before.size = u.before.pending.Size
		return nil // it will be there at the first WRITE
	case !u.mayChange():
	case u.appends && u.s.conn.view.Caps(u.path).Append && !u.s.conn.account.User.Uploads.RefuseResume:
		return u.append(flags)
	case !u.appends && flags&(wire.OpenCreate|wire.OpenRead) == wire.OpenCreate:
		u.before.known = false
		return nil
	}
	info, err := u.s.conn.view.Stat(u.ctx, u.path, vfs.TypeFile)
	switch {
	case err == nil && flags&wire.OpenTruncate == 0 && info.Size > 0:
		u.before.size, u.before.info = info.Size, info
		if !u.appends {
			return nil // the first WRITE decides
		}
		if err := u.openAtEnd(); err != nil {
			return err
		}
		u.enter(positioned)
		return nil
	case err == nil, vfs.KindOf(err) == vfs.KindNotExist && flags&wire.OpenCreate != 0:
		return u.begin(vfs.CreateOptions{}, replacing)
	case vfs.KindOf(err) == vfs.KindPermission && flags&wire.OpenCreate != 0:
		// A user without the right to ask about files can still bring new ones.
		return u.begin(vfs.CreateOptions{Mode: vfs.ModeExclusive}, replacing)
	}
	return err
}

// mayChange reports whether the user may do everything with a file at the path.
// Otherwise it depends on what is there whether it may be opened.
func (u *upload) mayChange() bool {
	const (
		change = vfs.PermWrite | vfs.PermOverwrite
		ask    = vfs.PermList | vfs.PermRead | vfs.PermRename
	)
	allowed := u.s.conn.view.Allowed(u.path)
	return allowed&change == change && allowed&ask != 0 && !u.s.conn.view.Fixed(u.path) && !u.path.OnlyDir() &&
		u.s.conn.view.MayName(u.path) && u.s.conn.view.MakesParents(u.path)
}

// ask finds out what is there, where the OPEN has left that open.
func (u *upload) ask() error {
	if u.before.known {
		return nil
	}
	info, err := u.s.conn.view.Stat(u.ctx, u.path, vfs.TypeFile)
	switch {
	case err == nil && info.Size > 0:
		u.before.size, u.before.info = info.Size, info
	case err != nil && vfs.KindOf(err) != vfs.KindNotExist:
		return err
	}
	u.before.known = true
	return nil
}

// look does what the OPEN has left open: when nothing is there, a new file begins.
func (u *upload) look() error {
	switch {
	case u.mode == failed:
		return u.cause
	case u.before.known || u.mode.decided():
		return nil
	}
	if err := u.ask(); err != nil || u.before.size >= 0 {
		return err
	}
	return u.begin(vfs.CreateOptions{}, replacing)
}

// append opens the writer at the end of a file of whatever size.
func (u *upload) append(flags uint32) error {
	w, err := u.s.conn.view.Create(u.ctx, u.path, vfs.CreateOptions{Mode: vfs.ModeAppend})
	if err != nil {
		return err
	}
	info, found := w.Old()
	if !found && flags&wire.OpenCreate == 0 {
		w.Abort()
		return vfs.NewError(vfs.KindNotExist, nil)
	}
	u.w = w
	if info.Size == 0 {
		u.enter(replacing)
		return nil
	}
	u.before.size, u.before.info = info.Size, info
	u.enter(positioned)
	return nil
}

// begin opens the writer of a file that is written from its beginning.
func (u *upload) begin(o vfs.CreateOptions, m mode) error {
	w, err := u.s.conn.view.Create(u.ctx, u.path, o)
	if err != nil {
		return err
	}
	u.w = w
	u.enter(m)
	return nil
}

// openAtEnd opens the writer at the end of the file, unless it is open: only what is
// new travels.
func (u *upload) openAtEnd() error {
	if u.w != nil {
		return nil
	}
	if u.s.conn.account.User.Uploads.RefuseResume {
		return unsupported("resuming uploads is off")
	}
	w, err := u.s.conn.view.Create(u.ctx, u.path, vfs.CreateOptions{Mode: vfs.ModeResume, Offset: u.before.size})
	if err == nil {
		u.w = w
	}
	return err
}

// decide finds out with the first WRITE, for a file that is there and was not
// opened with TRUNC, whether it is written anew or from its end on. With APPEND
// offsets mean nothing (draft 02, 6.3); clients count them from the end of the
// file or from 0. An upload that continues a file that is only pending waits for
// it, as far as the window reaches.
func (u *upload) decide(off int64) error {
	if off > 0 {
		if err := u.look(); err != nil || u.mode.decided() {
			return err
		}
	}
	switch {
	case off == 0 && u.appends:
		if err := u.openAtEnd(); err != nil {
			return err
		}
		u.enter(appending)
		u.offsetDelta = u.before.size
		return nil
	case off == 0:
		return u.begin(vfs.CreateOptions{}, rewriting)
	case u.before.pending != nil && off >= u.before.size && u.before.size < reorder.Window/2:
		return nil
	case off == u.before.size:
		return u.resume()
	}
	return errMiddle
}

// resume continues the file at its end, with offsets that count from its beginning.
func (u *upload) resume() error {
	if u.kept < u.before.size {
		return errCut // and what it lacks would be zeros
	}
	if err := u.openAtEnd(); err != nil {
		return err
	}
	u.enter(appending)
	u.next = u.before.size
	return nil
}

// reopen opens the writer again that fsync has ended. The file must not have changed
// meanwhile.
func (u *upload) reopen() error {
	if err := u.openAtEnd(); err != nil {
		return err
	}
	if old, _ := u.w.Old(); old.Version != u.before.info.Version {
		return vfs.NewError(vfs.KindConflict, nil)
	}
	u.enter(appending)
	return nil
}
