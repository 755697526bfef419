package sftp

import (
	"context"
	"io"
	"time"

	sftplib "github.com/pkg/sftp"

	"github.com/tidegate/tidegate/vfs"
)

// handlers are what the library calls for a session's requests.
type handlers struct{ s *session }

var (
	_ sftplib.FileReader           = handlers{}
	_ sftplib.OpenFileWriter       = handlers{}
	_ sftplib.PosixRenameFileCmder = handlers{}
	_ sftplib.StatVFSFileCmder     = handlers{}
	_ sftplib.LstatFileLister      = handlers{}
	_ sftplib.RealPathFileLister   = handlers{}
	_ sftplib.ReadlinkFileLister   = handlers{}
)

// try runs one request about the path called name.
func (h handlers) try(name string, do func(p vfs.Path) error) (err error) {
	defer h.s.guard(&err)
	p, err := vfs.ParsePath(h.s.view.Home(), name)
	if err != nil {
		return statusOf(err)
	}
	h.s.commits.await(p)
	return statusOf(do(p))
}

// Fileread is not called: see markOpen.
func (h handlers) Fileread(*sftplib.Request) (io.ReaderAt, error) {
	return nil, statusOf(unsupported("not opened as it should be"))
}

// Filewrite is not called: see markOpen.
func (h handlers) Filewrite(*sftplib.Request) (io.WriterAt, error) {
	return nil, statusOf(unsupported("not opened as it should be"))
}

// OpenFile opens every file.
func (h handlers) OpenFile(r *sftplib.Request) (rw sftplib.WriterAtReaderAt, err error) {
	err = h.try(r.Filepath, func(p vfs.Path) error {
		f, err := h.s.openFile(p, r.Flags>>flagShift)
		if err == nil {
			rw = f
		}
		return err
	})
	return rw, err
}

// Filecmd does what changes the tree.
func (h handlers) Filecmd(r *sftplib.Request) error {
	s := h.s
	return h.try(r.Filepath, func(p vfs.Path) error {
		switch r.Method {
		case "Setstat":
			return s.setstat(p, r)
		case "Rename":
			// In version 3 a rename onto a file fails (draft 02, 6.5).
			return s.rename(p, r.Target, vfs.RenameOptions{NoReplace: true})
		case "Mkdir":
			return s.view.Mkdir(s.ctx, p)
		case "Rmdir":
			return s.view.Remove(s.ctx, p, vfs.TypeDir)
		case "Remove":
			return s.view.Remove(s.ctx, p, vfs.TypeFile)
		default:
			return unsupported("there are no links here")
		}
	})
}

// PosixRename renames and replaces what is there.
func (h handlers) PosixRename(r *sftplib.Request) error {
	return h.try(r.Filepath, func(p vfs.Path) error { return h.s.rename(p, r.Target, vfs.RenameOptions{}) })
}

func (s *session) rename(p vfs.Path, target string, o vfs.RenameOptions) error {
	to, err := vfs.ParsePath(s.view.Home(), target)
	if err != nil {
		return err
	}
	s.commits.await(to)
	return s.view.Rename(s.ctx, p, to, o)
}

// setstat sets times. A size is that of an upload, or truncates a file to
// nothing; modes are accepted and not kept; owners are refused, as to everybody
// but root.
func (s *session) setstat(p vfs.Path, r *sftplib.Request) error {
	flags, attrs := r.AttrFlags(), r.Attributes()
	if attrs == nil {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	if flags.UidGid {
		return &vfs.Error{Kind: vfs.KindPermission, Reason: "owners are not kept"}
	}
	mtime := time.Unix(int64(attrs.Mtime), 0)
	if f := s.lookup(p); f != nil && f.up != nil {
		return f.up.setstat(flags.Size, attrs.Size, flags.Acmodtime, mtime)
	}
	if !flags.Size && !flags.Acmodtime && !flags.Permissions {
		return nil // fsync of a file that is only read
	}
	info, err := s.view.Stat(s.looking, p, vfs.TypeAny)
	if err != nil {
		return err
	}
	if flags.Size && uint64(info.Size) != attrs.Size {
		if err := s.truncate(p, attrs.Size); err != nil {
			return err
		}
	}
	// Directories have no times of their own in most stores. Clients that copy
	// a tree set them, and would fail for that.
	if flags.Acmodtime && !info.IsDir() {
		return s.view.SetModTime(s.ctx, p, mtime)
	}
	return nil
}

// truncate replaces a file by an empty one.
func (s *session) truncate(p vfs.Path, size uint64) error {
	if size != 0 {
		return unsupported("a stored file cannot be cut or extended")
	}
	w, err := s.view.Create(s.ctx, p, vfs.CreateOptions{})
	if err != nil {
		return err
	}
	defer w.Abort()
	_, err = w.Commit(s.ctx, vfs.CommitOptions{})
	return err
}

// Filelist opens a directory, or describes one entry.
func (h handlers) Filelist(r *sftplib.Request) (l sftplib.ListerAt, err error) {
	err = h.try(r.Filepath, func(p vfs.Path) error {
		if r.Method == "List" {
			d, err := h.s.openDir(p)
			if err == nil {
				l = d
			}
			return err
		}
		// The library gives requests on a handle no context of their own.
		info, err := h.s.stat(p, r.Context() == context.Background())
		l = oneEntry{info}
		return err
	})
	return l, err
}

// Lstat is Stat: there are no links.
func (h handlers) Lstat(r *sftplib.Request) (sftplib.ListerAt, error) { return h.Filelist(r) }

// stat answers for an upload that this session has open from what it is by now:
// sshfs asks for the file that it has just begun. A handle that is read is
// answered from what was opened.
func (s *session) stat(p vfs.Path, onHandle bool) (vfs.Info, error) {
	if f := s.lookup(p); f != nil {
		if info, ok := f.info(onHandle); ok {
			return info, nil
		}
	}
	return s.view.Stat(s.looking, p, vfs.TypeAny)
}

// RealPath makes a path absolute.
func (h handlers) RealPath(name string) (abs string, err error) {
	err = h.try(name, func(p vfs.Path) error {
		abs = p.String()
		return nil
	})
	return abs, err
}

// Readlink has nothing to read.
func (h handlers) Readlink(string) (string, error) {
	return "", statusOf(unsupported("there are no links here"))
}

// StatVFS answers df. A store tells no size, so it is one that nothing fails
// for: 1 PiB, all of it free.
func (h handlers) StatVFS(*sftplib.Request) (*sftplib.StatVFS, error) {
	const block, blocks, files, name = 4096, 1 << 38, 1 << 32, 1024
	return &sftplib.StatVFS{
		Bsize: block, Frsize: block, Blocks: blocks, Bfree: blocks, Bavail: blocks,
		Files: files, Ffree: files, Favail: files, Namemax: name,
	}, nil
}
