//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func TestKindOf(t *testing.T) {
	b, err := New(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	tests := []struct {
		err  error
		want vfs.Kind
	}{
		{syscall.ENOENT, vfs.KindNotExist},
		{syscall.ELOOP, vfs.KindNotExist},
		{syscall.EEXIST, vfs.KindExist},
		{syscall.ENOTEMPTY, vfs.KindNotEmpty},
		{syscall.EISDIR, vfs.KindIsDir},
		{syscall.ENOTDIR, vfs.KindNotExist},
		{syscall.EACCES, vfs.KindPermission},
		{syscall.EPERM, vfs.KindPermission},
		{syscall.EROFS, vfs.KindPermission},
		{syscall.ENAMETOOLONG, vfs.KindInvalid},
		{syscall.EINVAL, vfs.KindInvalid},
		{syscall.EILSEQ, vfs.KindInvalid},
		{syscall.ENOSPC, vfs.KindNoSpace},
		{syscall.EDQUOT, vfs.KindNoSpace},
		{syscall.EFBIG, vfs.KindTooLarge},
		{syscall.EXDEV, vfs.KindCrossMount},
		{syscall.EBUSY, vfs.KindLocked},
		{syscall.EMFILE, vfs.KindBusy},
		{syscall.ENFILE, vfs.KindBusy},
		{syscall.EIO, vfs.KindUnavailable},
		{syscall.ESTALE, vfs.KindUnavailable},
		{syscall.ENOSYS, vfs.KindUnsupported},
		{os.ErrClosed, vfs.KindCanceled},
		{io.ErrUnexpectedEOF, vfs.KindInternal},
		{vfs.NewError(vfs.KindConflict, syscall.ENOENT), vfs.KindConflict},
	}
	for _, tt := range tests {
		for _, err := range []error{
			tt.err,
			&fs.PathError{Op: "openat", Path: "x", Err: tt.err},
			&os.LinkError{Op: "renameat", Old: "x", New: "y", Err: tt.err},
			fmt.Errorf("wrapped: %w", &fs.PathError{Op: "write", Path: "x", Err: os.NewSyscallError("splice", tt.err)}),
			errors.Join(tt.err, nil),
		} {
			got := b.fail(err)
			if vfs.KindOf(got) != tt.want || !errors.Is(got, tt.err) {
				t.Errorf("fail(%v) = %v of kind %v, want %v", err, got, vfs.KindOf(got), tt.want)
			}
		}
	}
	if b.fail(nil) != nil {
		t.Error("fail(nil) is an error")
	}
}

// TestKindOfEscape checks the error that New gets from package os.
func TestKindOfEscape(t *testing.T) {
	b, err := New(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if err := os.Symlink("/", b.root().Name()+"/out"); err != nil {
		t.Fatal(err)
	}
	_, err = b.Stat(context.Background(), vfs.MustParse("/out/etc"), vfs.TypeAny)
	if vfs.KindOf(err) != vfs.KindPermission {
		t.Errorf("Stat through a link that leads out: %v, want kind permission", err)
	}
}
