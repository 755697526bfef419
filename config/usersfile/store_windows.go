package usersfile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockSuffix is the end of the name of the file that is locked. An open file cannot be
// replaced on Windows, so the lock needs a file of its own, which stays.
const lockSuffix = ".lock"

// lockFile waits for the lock of a file.
func lockFile(path string) (unlock func() error, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+lockSuffix, os.O_CREATE|os.O_RDWR, newFileMode)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &windows.Overlapped{})
	if err != nil {
		return nil, errors.Join(&os.PathError{Op: "lock", Path: path, Err: err}, f.Close())
	}
	return f.Close, nil
}
