package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/tidegate/tidegate/vfs"
)

// fail gives err, an error of the host, its kind. It returns nil for nil, and an error with
// a kind unchanged.
func (b *Backend) fail(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*vfs.Error](err); ok {
		return err
	}
	return vfs.NewError(b.kindOf(err), err)
}

func (b *Backend) kindOf(err error) vfs.Kind {
	if errors.Is(err, b.escapes) {
		return vfs.KindPermission
	}
	// The numbers come first, because fs.ErrExist also matches ENOTEMPTY.
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		if k, ok := kindOfErrno(number); ok {
			return k
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return vfs.KindNotExist
	case errors.Is(err, fs.ErrExist):
		return vfs.KindExist
	case errors.Is(err, fs.ErrPermission):
		return vfs.KindPermission
	case errors.Is(err, errors.ErrUnsupported):
		return vfs.KindUnsupported
	case errors.Is(err, os.ErrClosed):
		// Abort has closed the file during a Write.
		return vfs.KindCanceled
	}
	return vfs.KindInternal
}

// isFrom reports whether err comes from the file f, and not from the other
// side of a copy.
func isFrom(err error, f *os.File) bool {
	if _, ok := errors.AsType[*vfs.Error](err); ok {
		return false
	}
	e, ok := errors.AsType[*fs.PathError](err)
	return ok && e.Path == f.Name()
}

// canceled returns the error for a context that ended, or nil.
func canceled(ctx context.Context) error {
	if ctx.Err() != nil {
		return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
	}
	return nil
}
