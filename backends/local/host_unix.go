//go:build unix

package local

import (
	"errors"
	"syscall"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// openNonblock keeps the opening of a pipe from waiting for its other end. Another
	// program may have put the pipe in the place of a file.
	openNonblock = syscall.O_NONBLOCK
	canSyncDirs  = true
)

// kindOfErrno maps the numbers of errno(3) for which package fs has no sentinel, or a less
// precise one.
func kindOfErrno(e syscall.Errno) (vfs.Kind, bool) {
	switch e {
	case syscall.ENOTEMPTY:
		return vfs.KindNotEmpty, true
	case syscall.EISDIR:
		return vfs.KindIsDir, true
	case syscall.ENOTDIR: // a parent is a file
		return vfs.KindNotExist, true
	case syscall.ELOOP: // a loop of links has no target
		return vfs.KindNotExist, true
	case syscall.EROFS:
		return vfs.KindPermission, true
	case syscall.EINVAL, syscall.ENAMETOOLONG, syscall.EILSEQ:
		return vfs.KindInvalid, true
	case syscall.ENOSPC, syscall.EDQUOT, syscall.EMLINK:
		return vfs.KindNoSpace, true
	case syscall.EFBIG, syscall.EOVERFLOW:
		return vfs.KindTooLarge, true
	case syscall.EXDEV: // another file system is mounted below the root
		return vfs.KindCrossMount, true
	case syscall.EBUSY, syscall.ETXTBSY:
		return vfs.KindLocked, true
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EAGAIN:
		return vfs.KindBusy, true
	case syscall.EIO, syscall.ENXIO, syscall.ENODEV, syscall.ESTALE, syscall.ETIMEDOUT, syscall.EHOSTDOWN:
		return vfs.KindUnavailable, true
	}
	return 0, false
}

// noLinks reports whether a hard link failed because the file system has none, or because
// Linux forbids it for this file (fs.protected_hardlinks).
func noLinks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EMLINK)
}
