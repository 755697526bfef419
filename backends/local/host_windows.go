package local

import (
	"errors"
	"syscall"

	"github.com/tidegate/tidegate/vfs"
)

const (
	openNonblock = 0
	canSyncDirs  = false // Windows has no such call
)

// Numbers of winerror.h without a name in package syscall.
const (
	errorSharingViolation   syscall.Errno = 32
	errorHandleDiskFull     syscall.Errno = 39
	errorNotSupported       syscall.Errno = 50
	errorDiskFull           syscall.Errno = 112
	errorInvalidName        syscall.Errno = 123
	errorDirNotEmpty        syscall.Errno = 145
	errorFilenameExcedRange syscall.Errno = 206
	errorDirectory          syscall.Errno = 267
	errorDiskQuotaExceeded  syscall.Errno = 1295
)

// kindOfErrno maps the numbers of winerror.h, and those that package os uses in their
// place, for which package fs has no sentinel, or a less precise one.
func kindOfErrno(e syscall.Errno) (vfs.Kind, bool) {
	switch e {
	case errorDirNotEmpty, syscall.ENOTEMPTY:
		return vfs.KindNotEmpty, true
	case syscall.EISDIR:
		return vfs.KindIsDir, true
	case errorDirectory, syscall.ENOTDIR: // a parent is a file
		return vfs.KindNotExist, true
	case syscall.ELOOP:
		return vfs.KindNotExist, true
	case errorInvalidName, errorFilenameExcedRange, syscall.EINVAL, syscall.ENAMETOOLONG:
		return vfs.KindInvalid, true
	case errorDiskFull, errorHandleDiskFull, errorDiskQuotaExceeded, syscall.ENOSPC:
		return vfs.KindNoSpace, true
	case syscall.EXDEV:
		return vfs.KindCrossMount, true
	case errorSharingViolation:
		return vfs.KindLocked, true
	}
	return 0, false
}

// noLinks reports whether a hard link failed because this file system has
// none.
func noLinks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, errorNotSupported) ||
		errors.Is(err, syscall.Errno(1)) // ERROR_INVALID_FUNCTION: FAT
}
