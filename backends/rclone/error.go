package rclone

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"net"
	"net/http"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/pkg/sftp"
	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/fserrors"
	"google.golang.org/api/googleapi"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

// mapError gives err its kind. It returns nil for nil, and an error with a kind unchanged.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*vfs.Error](err); ok {
		return err
	}
	return vfs.NewError(kindOf(err), err)
}

// kindOf returns the kind of an error of rclone, by value and by type. Other errors of the
// stores' libraries are KindUnavailable when rclone would have retried, otherwise
// KindInternal.
func kindOf(err error) vfs.Kind {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return vfs.KindCanceled
	}
	for _, row := range sentinels() {
		if errors.Is(err, row.err) {
			return row.kind
		}
	}
	if fserrors.IsErrNoSpace(err) {
		return vfs.KindNoSpace
	}
	if kind, ok := kindOfCode(err); ok {
		return kind
	}
	if kind, ok := kindOfStatus(err); ok {
		return kind
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return vfs.KindUnavailable
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || fserrors.IsRetryError(err) || fserrors.ShouldRetry(err) {
		return vfs.KindUnavailable
	}
	return vfs.KindInternal
}

type sentinel struct {
	err  error
	kind vfs.Kind
}

// sentinels returns rclone's errors before the system's: in an error that wraps both,
// rclone's is the precise one.
func sentinels() []sentinel {
	return []sentinel{
		{fs.ErrorObjectNotFound, vfs.KindNotExist},
		{fs.ErrorDirNotFound, vfs.KindNotExist},
		{fs.ErrorIsDir, vfs.KindIsDir},
		{fs.ErrorNotAFile, vfs.KindIsDir},
		{fs.ErrorIsFile, vfs.KindNotDir},
		{fs.ErrorDirExists, vfs.KindExist},
		{fs.ErrorDirectoryNotEmpty, vfs.KindNotEmpty},
		{fs.ErrorPermissionDenied, vfs.KindPermission},
		{fs.ErrorFileNameTooLong, vfs.KindInvalid},
		{fs.ErrorImmutableModified, vfs.KindLocked},
		{fs.ErrorCantCopy, vfs.KindUnsupported},
		{fs.ErrorCantMove, vfs.KindUnsupported},
		{fs.ErrorCantDirMove, vfs.KindUnsupported},
		{fs.ErrorCantSetModTime, vfs.KindUnsupported},
		{fs.ErrorCantSetModTimeWithoutDelete, vfs.KindUnsupported},
		{fs.ErrorCantUploadEmptyFiles, vfs.KindUnsupported},
		{fs.ErrorNotImplemented, vfs.KindUnsupported},
		{fs.ErrorListBucketRequired, vfs.KindUnsupported},

		{syscall.ENOTDIR, vfs.KindNotDir},
		{syscall.EISDIR, vfs.KindIsDir},
		// Before the sentinels of io/fs: ENOTEMPTY is an fs.ErrExist too.
		{syscall.ENOTEMPTY, vfs.KindNotEmpty},
		{syscall.ENAMETOOLONG, vfs.KindInvalid},
		{syscall.ENOSPC, vfs.KindNoSpace},
		{syscall.EDQUOT, vfs.KindNoSpace},
		{syscall.EFBIG, vfs.KindTooLarge},
		{syscall.EROFS, vfs.KindPermission},
		{iofs.ErrNotExist, vfs.KindNotExist},
		{iofs.ErrExist, vfs.KindExist},
		{iofs.ErrPermission, vfs.KindPermission},
	}
}

// kindOfCode maps the codes that are more precise than a status: of SFTP, of Azure and of
// S3, for which Amazon's library has a method.
func kindOfCode(err error) (vfs.Kind, bool) {
	if server, ok := errors.AsType[*sftp.StatusError](err); ok {
		switch server.FxCode() {
		case sftp.ErrSSHFxBadMessage: // OpenSSH's answer to names that it cannot store
			return vfs.KindInvalid, true
		case sftp.ErrSSHFxOpUnsupported:
			return vfs.KindUnsupported, true
		case sftp.ErrSSHFxConnectionLost, sftp.ErrSSHFxNoConnection:
			return vfs.KindUnavailable, true
		}
	}
	code, status := answerOf(err)
	if refusesGateway(code, status) {
		return vfs.KindUnavailable, true
	}
	if azure, ok := errors.AsType[*azcore.ResponseError](err); ok {
		kind, _, known := azurecode.Kind(bloberror.Code(azure.ErrorCode), azure.StatusCode)
		return kind, known
	}
	switch code {
	case "KeyTooLongError", "InvalidURI", "InvalidObjectName":
		return vfs.KindInvalid, true
	case "NoSuchKey":
		return vfs.KindNotExist, true
	case "EntityTooLarge":
		return vfs.KindTooLarge, true
	case "InvalidObjectState": // in the Glacier classes
		return vfs.KindLocked, true
	}
	return vfs.KindInternal, false
}

// answerOf returns the code and the HTTP status of the answer in err, "" and 0 for none.
// Azure's and Google's libraries have a type for it, Amazon's has methods.
func answerOf(err error) (code string, status int) {
	if azure, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return azure.ErrorCode, azure.StatusCode
	}
	if google, ok := errors.AsType[*googleapi.Error](err); ok {
		return "", google.Code
	}
	var coded interface {
		error
		ErrorCode() string
	}
	if errors.As(err, &coded) {
		code = coded.ErrorCode()
	}
	var answer interface {
		error
		HTTPStatusCode() int
	}
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	return code, status
}

// unreachable reports whether the store has not answered, or has answered that it cannot
// serve now. A host name that does not exist is a mistake in the configuration.
func unreachable(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	code, status := answerOf(err)
	if code == "" && status == 0 {
		return vfs.KindOf(err) == vfs.KindUnavailable
	}
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// kindOfStatus maps the HTTP status of an answer.
func kindOfStatus(err error) (vfs.Kind, bool) {
	_, status := answerOf(err)
	switch {
	case status == http.StatusNotFound:
		return vfs.KindNotExist, true
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return vfs.KindPermission, true
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		return vfs.KindConflict, true
	case status == http.StatusRequestEntityTooLarge:
		return vfs.KindTooLarge, true
	case status == http.StatusInsufficientStorage:
		return vfs.KindNoSpace, true
	case status == http.StatusTooManyRequests, status >= 500:
		return vfs.KindUnavailable, true
	}
	return vfs.KindInternal, false
}
