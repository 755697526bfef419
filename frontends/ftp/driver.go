package ftp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"

	"github.com/tidegate/tidegate/vfs"
)

// driver is the user's tree as the library wants it. Names come absolute and
// cleaned, but unchecked: see asWritten. Each error is noted in the session, which tells it to
// the client in its own words.
type driver struct{ s *session }

var (
	_ ftpserver.ClientDriver                      = (*driver)(nil)
	_ ftpserver.ClientDriverExtensionRemoveDir    = (*driver)(nil)
	_ ftpserver.ClientDriverExtentionFileTransfer = (*driver)(nil)
)

// on runs one operation on the path called name and notes its error for the
// reply.
func (d *driver) on(name string, op func(ctx context.Context, p vfs.Path) error) error {
	d.s.opErr = d.try(asWritten(name, d.s.written), op)
	return d.s.opErr
}

// try runs one operation. A panic becomes an error: it ends the command, with
// its stack in the log.
func (d *driver) try(name string, op func(ctx context.Context, p vfs.Path) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = d.s.panicked(r)
		}
	}()
	p, err := vfs.ParsePath(vfs.Path{}, name)
	if err != nil {
		return err
	}
	return op(d.s.ctx, p)
}

// asWritten puts back what the library has cleaned away from name: how the path, as
// the client wrote it, ends.
func asWritten(name, written string) string { return name + vfs.Ending(written) }

func (s *session) panicked(r any) error {
	s.log.Error("panic, the command fails", "panic", r, "stack", string(debug.Stack()))
	return vfs.NewError(vfs.KindInternal, errors.New("panic"))
}

// Stat answers for CWD, CDUP, SIZE, MDTM and RNFR. What the command wants
// decides what is looked for first, and so how many requests it costs.
func (d *driver) Stat(name string) (os.FileInfo, error) {
	want := vfs.TypeAny
	verb := ""
	if d.s.cmd != nil {
		verb = d.s.cmd.verb
	}
	switch verb {
	case "CWD", "XCWD", "CDUP", "XCUP":
		want = vfs.TypeDir
	case "SIZE":
		want = vfs.TypeFile
	}
	var info vfs.Info
	err := d.on(name, func(ctx context.Context, p vfs.Path) (err error) {
		info, err = d.s.view.Stat(ctx, p, want)
		return err
	})
	if err != nil {
		return nil, err
	}
	if verb == "MDTM" && info.ModTime.IsZero() {
		d.s.opErr = &vfs.Error{Kind: vfs.KindNotExist, Reason: "no time is kept for this"}
		return nil, d.s.opErr
	}
	if verb == "RNFR" {
		d.s.renameVersion, d.s.renameFrom = info.Version, d.s.written
	}
	return fileInfo{info}, nil
}

func (d *driver) Mkdir(name string, _ os.FileMode) error {
	return d.on(name, d.s.view.Mkdir)
}

func (d *driver) Remove(name string) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.s.view.Remove(ctx, p, vfs.TypeFile)
	})
}

// RemoveDir is RMD's.
func (d *driver) RemoveDir(name string) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.s.view.Remove(ctx, p, vfs.TypeDir)
	})
}

// Rename goes on when the client leaves: the session waits for it.
func (d *driver) Rename(from, to string) error {
	return d.on(to, func(ctx context.Context, target vfs.Path) error {
		source, err := vfs.ParsePath(vfs.Path{}, asWritten(from, d.s.renameFrom))
		if err != nil {
			return err
		}
		return d.s.view.Rename(ctx, source, target, vfs.RenameOptions{Version: d.s.renameVersion})
	})
}

// Chtimes is MFMT's, and of what becomes one.
func (d *driver) Chtimes(name string, _, mtime time.Time) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.s.view.SetModTime(ctx, p, mtime)
	})
}

// GetHandle opens the file of a transfer, or the listing that the transfer is.
// It runs beside the filter, so the error is the transfer's.
func (d *driver) GetHandle(name string, flags int, offset int64) (h ftpserver.FileTransfer, err error) {
	t := d.s.transfer
	if t == nil {
		return nil, errors.ErrUnsupported
	}
	err = d.try(asWritten(name, t.written), func(_ context.Context, p vfs.Path) error {
		h, err = t.open(p, flags, offset)
		return err
	})
	t.fail(err)
	return h, err
}

// The rest of afero.Fs has no command that leads to it.

func (d *driver) Name() string                      { return "tidegate" }
func (d *driver) Create(string) (afero.File, error) { return nil, errors.ErrUnsupported }
func (d *driver) Open(string) (afero.File, error)   { return nil, errors.ErrUnsupported }
func (d *driver) OpenFile(string, int, os.FileMode) (afero.File, error) {
	return nil, errors.ErrUnsupported
}
func (d *driver) MkdirAll(string, os.FileMode) error { return errors.ErrUnsupported }
func (d *driver) RemoveAll(string) error             { return errors.ErrUnsupported }
func (d *driver) Chmod(string, os.FileMode) error    { return errors.ErrUnsupported }
func (d *driver) Chown(string, int, int) error       { return errors.ErrUnsupported }

// fileInfo is a vfs.Info as the library wants it.
type fileInfo struct{ vfs.Info }

func (i fileInfo) Name() string       { return i.Info.Name }
func (i fileInfo) Size() int64        { return i.Info.Size }
func (i fileInfo) ModTime() time.Time { return i.Info.ModTime }
func (i fileInfo) IsDir() bool        { return i.Info.IsDir() }
func (i fileInfo) Sys() any           { return nil }

func (i fileInfo) Mode() fs.FileMode {
	if i.Info.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
