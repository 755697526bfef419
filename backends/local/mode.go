package local

import (
	"errors"
	"io/fs"
	"os"
)

// The default modes of new files and directories, less the umask.
const (
	defaultFileMode fs.FileMode = 0o640
	defaultDirMode  fs.FileMode = 0o750
)

// create makes the file name in dir, which must not be there, for writing.
func (o Options) create(dir *os.Root, name string) (*os.File, error) {
	mode := o.FileMode
	if mode == 0 {
		mode = defaultFileMode
	}
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil || o.FileMode == 0 {
		return f, err
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(err, f.Close(), dir.Remove(name))
	}
	return f, nil
}

// mkdir makes the directory name below root, which must not be there.
func (o Options) mkdir(root *os.Root, name string) error {
	mode := o.DirMode
	if mode == 0 {
		mode = defaultDirMode
	}
	if err := root.Mkdir(name, mode); err != nil || o.DirMode == 0 {
		return err
	}
	fi, err := root.Lstat(name)
	if err == nil {
		// A directory inherits setgid, which chmod(2) would clear.
		err = root.Chmod(name, mode|fi.Mode()&fs.ModeSetgid)
	}
	if err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}
