package replacefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Replace gives the existing file another content. It fails where the new file cannot have
// the owner of the old one. path must not be a symbolic link: it would become a file.
func Replace(path string, content []byte) (err error) {
	old, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if _, err := temp.Write(content); err != nil {
		return err
	}
	// The owner comes first: its change removes special bits of the mode.
	if err := keepOwner(temp, old); err != nil {
		return fmt.Errorf("the owner of %s cannot be kept, run this as its owner or as root: %w", path, err)
	}
	if err := temp.Chmod(old.Mode().Perm()); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
