package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"

	"github.com/tidegate/tidegate/vfs"
)

// driver is the user's tree as the library wants it. Names come absolute and
// cleaned, but unchecked: see asWritten. The error of each operation is noted for the
// reply to its command.
type driver struct{ e *Engine }

var (
	_ ftpserver.ClientDriver                      = (*driver)(nil)
	_ ftpserver.ClientDriverExtensionRemoveDir    = (*driver)(nil)
	_ ftpserver.ClientDriverExtentionFileTransfer = (*driver)(nil)
)

// on runs one operation on the path called name and notes its error.
func (d *driver) on(name string, op func(ctx context.Context, p vfs.Path) error) error {
	d.e.err = d.try(asWritten(name, d.e.command.Path), op)
	return d.e.err
}

// try runs one operation. A panic becomes an error: it ends the command, with
// its stack in the log.
func (d *driver) try(name string, op func(ctx context.Context, p vfs.Path) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = d.e.session.Panicked(r)
		}
	}()
	p, err := vfs.ParsePath(vfs.Path{}, name)
	if err != nil {
		return err
	}
	return op(d.e.ctx, p)
}

// asWritten puts back what the library has cleaned away from name: how the path, as
// the client wrote it, ends.
func asWritten(name, written string) string { return name + vfs.Ending(written) }

// Stat answers for CWD, CDUP, SIZE, MDTM and RNFR. What the command wants
// decides what is looked for first, and so how many requests it costs.
func (d *driver) Stat(name string) (os.FileInfo, error) {
	want := vfs.TypeAny
	verb := d.e.command.Verb
	switch verb {
	case "CWD", "XCWD", "CDUP":
		want = vfs.TypeDir
	case "SIZE":
		want = vfs.TypeFile
	}
	var info vfs.Info
	err := d.on(name, func(ctx context.Context, p vfs.Path) (err error) {
		info, err = d.e.view.Stat(ctx, p, want)
		return err
	})
	if err != nil {
		return nil, err
	}
	if verb == "MDTM" && info.ModTime.IsZero() {
		d.e.err = &vfs.Error{Kind: vfs.KindNotExist, Reason: "no time is kept for this"}
		return nil, d.e.err
	}
	if verb == "RNFR" {
		d.e.rename = rename{path: d.e.command.Path, version: info.Version}
	}
	return fileInfo{info}, nil
}

func (d *driver) Mkdir(name string, _ os.FileMode) error {
	return d.on(name, d.e.view.Mkdir)
}

func (d *driver) Remove(name string) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.e.view.Remove(ctx, p, vfs.TypeFile)
	})
}

// RemoveDir is RMD's.
func (d *driver) RemoveDir(name string) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.e.view.Remove(ctx, p, vfs.TypeDir)
	})
}

// Rename is not cancelled when the client leaves: the session waits for it.
func (d *driver) Rename(from, to string) error {
	return d.on(to, func(ctx context.Context, target vfs.Path) error {
		source, err := vfs.ParsePath(vfs.Path{}, asWritten(from, d.e.rename.path))
		if err != nil {
			return err
		}
		return d.e.view.Rename(ctx, source, target, vfs.RenameOptions{Version: d.e.rename.version})
	})
}

// Chtimes is MFMT's.
func (d *driver) Chtimes(name string, _, mtime time.Time) error {
	return d.on(name, func(ctx context.Context, p vfs.Path) error {
		return d.e.view.SetModTime(ctx, p, mtime)
	})
}

// GetHandle opens the file of a transfer. It runs on the goroutine of the transfer, so
// its error is the transfer's.
func (d *driver) GetHandle(name string, _ int, _ int64) (h ftpserver.FileTransfer, err error) {
	t := d.e.transfer
	if t == nil {
		return nil, errors.ErrUnsupported
	}
	err = d.try(asWritten(name, d.e.path), func(_ context.Context, p vfs.Path) error {
		f, err := t.Open(p)
		if err == nil {
			h, err = newHandle(d.e.session, t, f)
		}
		return err
	})
	t.Fail(err)
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
