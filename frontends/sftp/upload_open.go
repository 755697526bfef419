package sftp

import (
	"context"
	"math"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/vfs"
)

// openUpload begins an upload as flags say.
func (s *session) openUpload(p vfs.Path, flags uint32, coming *vfs.Info) (*upload, error) {
	u := &upload{
		s: s, path: p, old: -1, coming: coming, appends: flags&wire.OpenAppend != 0,
		exclusive: flags&(wire.OpenCreate|wire.OpenExclusive) == wire.OpenCreate|wire.OpenExclusive, size: -1, kept: math.MaxInt64,
		pieces: pieces{budget: &s.ordered, buffers: &s.srv.buffers},
	}
	u.ctx, u.cancel = context.WithCancel(fairshare.NewContext(s.ctx, s.holder()))
	if err := u.open(flags); err != nil {
		u.cancel()
		return nil, err
	}
	s.srv.uploads.Add(1)
	return u, nil
}

func (u *upload) open(flags uint32) error {
	switch {
	case u.exclusive:
		// A store may notice at the commit only; who makes a lock file does not
		// wait for that.
		if _, err := u.s.view.Stat(u.ctx, u.path, vfs.TypeFile); err == nil {
			return vfs.NewError(vfs.KindExist, nil)
		}
		return u.begin(vfs.CreateOptions{Mode: vfs.ModeExclusive})
	case flags&(wire.OpenCreate|wire.OpenTruncate) == wire.OpenCreate|wire.OpenTruncate:
		return u.begin(vfs.CreateOptions{})
	}
	switch {
	case flags&wire.OpenTruncate != 0:
	case u.coming != nil:
		u.old = u.coming.Size
		return nil // it will be there at the first WRITE
	case !u.mayChange():
	case u.appends && u.s.view.Caps(u.path).Append && !u.s.account.Uploads.RefuseResume:
		return u.append(flags)
	case !u.appends && flags&(wire.OpenCreate|wire.OpenRead) == wire.OpenCreate:
		u.unasked = true
		return nil
	}
	info, err := u.s.view.Stat(u.ctx, u.path, vfs.TypeFile)
	switch {
	case err == nil && flags&wire.OpenTruncate == 0 && info.Size > 0:
		u.old, u.stored = info.Size, info
		if u.appends {
			return u.resume()
		}
		return nil // the first WRITE tells what it is
	case err == nil, vfs.KindOf(err) == vfs.KindNotExist && flags&wire.OpenCreate != 0:
		return u.begin(vfs.CreateOptions{})
	case vfs.KindOf(err) == vfs.KindPermission && flags&wire.OpenCreate != 0:
		// Who may not ask about files can still bring new ones.
		return u.begin(vfs.CreateOptions{Mode: vfs.ModeExclusive})
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
	allowed := u.s.view.Allowed(u.path)
	return allowed&change == change && allowed&ask != 0 && !u.s.view.Fixed(u.path) && !u.path.OnlyDir() &&
		u.s.view.MakesParents(u.path)
}

// ask finds out what is there, where the OPEN has left that open.
func (u *upload) ask() error {
	if !u.unasked {
		return nil
	}
	info, err := u.s.view.Stat(u.ctx, u.path, vfs.TypeFile)
	switch {
	case err == nil && info.Size > 0:
		u.old, u.stored = info.Size, info
	case err != nil && vfs.KindOf(err) != vfs.KindNotExist:
		return err
	}
	u.unasked = false
	return nil
}

// look does what the OPEN has left open: when nothing is there, a new file begins.
func (u *upload) look() error {
	switch {
	case !u.unasked || u.started:
		return nil
	case u.cause != nil:
		return u.cause
	}
	if err := u.ask(); err != nil || u.old >= 0 {
		return err
	}
	return u.begin(vfs.CreateOptions{})
}

// append opens the writer at the end of a file of whatever size.
func (u *upload) append(flags uint32) error {
	if err := u.begin(vfs.CreateOptions{Mode: vfs.ModeAppend}); err != nil {
		return err
	}
	info, found := u.w.Old()
	if !found && flags&wire.OpenCreate == 0 {
		u.w.Abort()
		return vfs.NewError(vfs.KindNotExist, nil)
	}
	if info.Size > 0 {
		u.old, u.stored = info.Size, info
		u.started = false // the first WRITE tells how offsets count
	}
	return nil
}

// begin opens the writer of a file that is written from its beginning.
func (u *upload) begin(o vfs.CreateOptions) error {
	w, err := u.s.view.Create(u.ctx, u.path, o)
	if err != nil {
		return err
	}
	u.w, u.started = w, true
	return nil
}

// resume opens the writer at the end of the file: only what is new travels.
func (u *upload) resume() error {
	if u.w != nil {
		return nil
	}
	if u.s.account.Uploads.RefuseResume {
		return unsupported("resuming uploads is off")
	}
	w, err := u.s.view.Create(u.ctx, u.path, vfs.CreateOptions{Mode: vfs.ModeResume, Offset: u.old})
	if err == nil {
		u.w = w
	}
	return err
}

// decide finds out with the first WRITE, for a file that is there and was not
// opened with TRUNC, whether it is written anew or from its end on. With APPEND
// offsets mean nothing (draft 02, 6.3); clients count them from the end of the
// file or from 0. What goes on from a file that is only coming waits for it, as
// far as the window goes.
func (u *upload) decide(off int64) error {
	if off > 0 {
		if err := u.look(); err != nil || u.started {
			return err
		}
	}
	switch {
	case off == 0 && u.appends:
		if err := u.resume(); err != nil {
			return err
		}
		u.started, u.shift = true, u.old
		return nil
	case off == 0:
		u.replaces = true
		return u.begin(vfs.CreateOptions{})
	case u.coming != nil && off >= u.old && u.old < window/2:
		return nil
	case off == u.old:
		return u.goOn()
	}
	return errMiddle
}

// goOn begins at the end of the file, with offsets that count from its
// beginning.
func (u *upload) goOn() error {
	if u.kept < u.old {
		return errCut // and what it lacks would be zeros
	}
	if err := u.resume(); err != nil {
		return err
	}
	u.started, u.next = true, u.old
	return u.drain()
}
