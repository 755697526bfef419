package usersfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/internal/replacefile"
)

// MaxBytes is the size of the largest file that is read: half a million users.
const MaxBytes = 64 << 20

// newFileMode is the mode of a file that Edit creates. Hashes of passwords are for the
// gateway alone.
const newFileMode = 0o600

// errReplaced is returned by lockFile when the file was replaced while it waited for the lock.
var errReplaced = errors.New("the file was replaced")

// ReadFile reads and parses a file. Pipes and devices are refused: they may never end.
func ReadFile(path string) (*File, []Problem, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if len(text) > MaxBytes {
		return nil, nil, fmt.Errorf("%s is larger than %d bytes", path, MaxBytes)
	}
	parsed, problems := Parse(text)
	return parsed, problems, nil
}

// Edit calls change with the content of the file and writes what it makes of it, under a
// lock that other calls wait for. The new file has the mode and the owner of the old one
// and replaces it at once. When change returns an error, or changes nothing, the file stays
// as it is.
//
// With create a file that does not exist is empty, else it is an fs.ErrNotExist. created
// reports that the file is new. A symbolic link stays, and the file that it leads to is
// replaced.
func Edit(path string, create bool, change func(*File) error) (created bool, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	for {
		created, err = edit(path, create, change)
		if !errors.Is(err, errReplaced) {
			return created, err
		}
	}
}

// edit is one attempt of Edit.
func edit(path string, create bool, change func(*File) error) (created bool, err error) {
	// A new file is created empty, because a lock needs a file.
	if create {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, newFileMode)
		switch {
		case err == nil:
			created = true
			_ = f.Close() // nothing was written
		case !errors.Is(err, fs.ErrExist):
			return false, err
		}
	}
	unlock, err := lockFile(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	content, _, err := ReadFile(path)
	if err != nil {
		return false, err
	}
	before := content.Bytes()
	if err := change(content); err != nil {
		if created {
			err = errors.Join(err, os.Remove(path))
		}
		return false, err
	}
	after := content.Bytes()
	if bytes.Equal(before, after) {
		return created, nil
	}
	return created, replacefile.Replace(path, after)
}
