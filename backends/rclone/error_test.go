package rclone_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/fserrors"
	"google.golang.org/api/googleapi"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/vfs"
)

// answer is an error with a status, as Amazon's library has them.
type answer int

func (a answer) Error() string       { return fmt.Sprintf("status %d", int(a)) }
func (a answer) HTTPStatusCode() int { return int(a) }

// refusal is an error with a code, as Amazon's library has them, and a status.
type refusal string

func (r refusal) Error() string     { return string(r) }
func (r refusal) ErrorCode() string { return string(r) }
func (refusal) HTTPStatusCode() int { return 403 }

func TestKindOf(t *testing.T) {
	tests := []struct {
		err  error
		want vfs.Kind
	}{
		{fs.ErrorObjectNotFound, vfs.KindNotExist},
		{fs.ErrorDirNotFound, vfs.KindNotExist},
		{fs.ErrorIsDir, vfs.KindIsDir},
		{fs.ErrorIsFile, vfs.KindNotDir},
		{fs.ErrorDirExists, vfs.KindExist},
		{fs.ErrorDirectoryNotEmpty, vfs.KindNotEmpty},
		{fs.ErrorPermissionDenied, vfs.KindPermission},
		{fs.ErrorCantMove, vfs.KindUnsupported},
		{fs.ErrorCantSetModTime, vfs.KindUnsupported},
		{context.Canceled, vfs.KindCanceled},
		{context.DeadlineExceeded, vfs.KindCanceled},
		{iofs.ErrNotExist, vfs.KindNotExist},
		{iofs.ErrPermission, vfs.KindPermission},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENOTDIR}, vfs.KindNotDir},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, vfs.KindNotExist},
		{&os.PathError{Op: "mkdir", Path: "x", Err: syscall.EEXIST}, vfs.KindExist},
		{&os.PathError{Op: "remove", Path: "x", Err: syscall.ENOTEMPTY}, vfs.KindNotEmpty},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, vfs.KindPermission},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, vfs.KindPermission},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, vfs.KindNoSpace},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENAMETOOLONG}, vfs.KindInvalid},
		{answer(401), vfs.KindUnavailable},
		{answer(403), vfs.KindUnavailable},
		{refusal("AccessDenied"), vfs.KindUnavailable},
		{refusal("SignatureDoesNotMatch"), vfs.KindUnavailable},
		{refusal("InvalidAccessKeyId"), vfs.KindUnavailable},
		{refusal("ExpiredToken"), vfs.KindUnavailable},
		{refusal("NoSuchBucket"), vfs.KindUnavailable},
		{refusal("InvalidObjectState"), vfs.KindLocked},
		{refusal("NoSuchKey"), vfs.KindNotExist},
		{&azcore.ResponseError{StatusCode: 403, ErrorCode: "AuthenticationFailed"}, vfs.KindUnavailable},
		{&azcore.ResponseError{StatusCode: 404, ErrorCode: "ContainerNotFound"}, vfs.KindUnavailable},
		{answer(404), vfs.KindNotExist},
		{answer(412), vfs.KindConflict},
		{answer(429), vfs.KindUnavailable},
		{answer(503), vfs.KindUnavailable},
		{answer(400), vfs.KindInternal},
		{&azcore.ResponseError{StatusCode: 404, ErrorCode: "BlobNotFound"}, vfs.KindNotExist},
		{&azcore.ResponseError{StatusCode: 409, ErrorCode: "BlobArchived"}, vfs.KindLocked},
		{&azcore.ResponseError{StatusCode: 400, ErrorCode: "OutOfRangeInput"}, vfs.KindInvalid},
		{&googleapi.Error{Code: 403}, vfs.KindUnavailable},
		{&googleapi.Error{Code: 500}, vfs.KindUnavailable},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, vfs.KindUnavailable},
		{io.ErrUnexpectedEOF, vfs.KindUnavailable},
		{fserrors.RetryErrorf("again"), vfs.KindUnavailable},
		{vfs.NewError(vfs.KindLocked, nil), vfs.KindLocked},
		{errors.New("object not found"), vfs.KindInternal}, // a text is no kind
	}
	for _, tt := range tests {
		for _, err := range []error{tt.err, fmt.Errorf("wrapped: %w", tt.err)} {
			if got := vfs.KindOf(rclone.MapError(err)); got != tt.want {
				t.Errorf("%T %q: %v, want %v", tt.err, err, got, tt.want)
			}
		}
	}
	if got := rclone.MapError(nil); got != nil {
		t.Errorf("MapError(nil) = %v, want nil", got)
	}
}

// TestUnreachable: an outage of the store is not a mistake in the configuration.
func TestUnreachable(t *testing.T) {
	tests := []struct {
		err  error
		want bool
	}{
		{answer(503), true},
		{answer(429), true},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		{io.ErrUnexpectedEOF, true},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, false},
		{answer(403), false},
		{refusal("NoSuchBucket"), false},
		{&azcore.ResponseError{StatusCode: 404, ErrorCode: "ContainerNotFound"}, false},
		{fs.ErrorDirNotFound, false},
	}
	for _, test := range tests {
		if got := rclone.Unreachable(rclone.MapError(test.err)); got != test.want {
			t.Errorf("%v: %v, want %v", test.err, got, test.want)
		}
	}
}
