package azblob

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/vfs"
)

// What a client is told where the kind alone would not help.
const (
	reasonArchived    = "file is archived"
	reasonRehydrating = "file is being restored from the archive"
	reasonLeased      = "file is leased"
	reasonImmutable   = "file is protected by an immutability policy"
	reasonSnapshots   = "file has snapshots"
	reasonType        = "file is an append blob or page blob"
)

// codes maps the codes of the Blob service to kinds. They are documented under
// "Blob service error codes" and "Common REST API error codes". What is missing
// goes by the HTTP status.
func codes(code bloberror.Code) (kind vfs.Kind, reason string, ok bool) {
	switch code {
	case bloberror.BlobNotFound, bloberror.CannotVerifyCopySource:
		return vfs.KindNotExist, "", true
	case bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ContainerDisabled,
		bloberror.AccountIsDisabled, bloberror.ResourceNotFound:
		// The store is not there, which is no news about one file.
		return vfs.KindUnavailable, "", true
	case bloberror.BlobAlreadyExists, bloberror.ResourceAlreadyExists:
		return vfs.KindExist, "", true
	case bloberror.ConditionNotMet, bloberror.SourceConditionNotMet, bloberror.TargetConditionNotMet,
		bloberror.InvalidBlockList, bloberror.InvalidBlobOrBlock, bloberror.BlobOverwritten, bloberror.PendingCopyOperation,
		bloberror.NoPendingCopyOperation:
		return vfs.KindConflict, "", true
	case bloberror.BlobArchived:
		return vfs.KindLocked, reasonArchived, true
	case bloberror.BlobBeingRehydrated:
		return vfs.KindLocked, reasonRehydrating, true
	case bloberror.LeaseIDMissing, bloberror.LeaseIDMismatchWithBlobOperation, bloberror.LeaseAlreadyPresent,
		bloberror.LeaseLost, bloberror.LeaseIDMismatchWithContainerOperation:
		return vfs.KindLocked, reasonLeased, true
	case bloberror.BlobImmutableDueToPolicy:
		return vfs.KindLocked, reasonImmutable, true
	case bloberror.SnapshotsPresent:
		return vfs.KindLocked, reasonSnapshots, true
	case bloberror.InvalidBlobType:
		return vfs.KindUnsupported, reasonType, true
	case bloberror.RequestBodyTooLarge, bloberror.BlockListTooLong, bloberror.BlockCountExceedsLimit,
		bloberror.ContentLengthLargerThanTierLimit:
		return vfs.KindTooLarge, "", true
	case bloberror.InvalidURI, bloberror.InvalidResourceName, bloberror.RequestURLFailedToParse:
		return vfs.KindInvalid, "", true
	case bloberror.MD5Mismatch, bloberror.CRC64Mismatch, bloberror.InvalidMD5:
		// Bytes were damaged between here and there; nothing was stored.
		return vfs.KindUnavailable, "", true
	case bloberror.InvalidRange:
		return vfs.KindOffset, "", true
	case "MemoryExtentStoreAtSizeLimit": // the Azurite emulator alone
		return vfs.KindNoSpace, "", true
	}
	return 0, "", false
}

// statuses maps what has no code, such as answers to HEAD of some proxies.
func statuses(status int) vfs.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return vfs.KindPermission
	case http.StatusNotFound:
		return vfs.KindNotExist
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusNotModified:
		return vfs.KindConflict
	case http.StatusRequestEntityTooLarge:
		return vfs.KindTooLarge
	case http.StatusRequestedRangeNotSatisfiable:
		return vfs.KindOffset
	case http.StatusNotImplemented:
		return vfs.KindUnsupported
	case http.StatusInsufficientStorage:
		return vfs.KindNoSpace
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return vfs.KindUnavailable
	}
	if status >= http.StatusInternalServerError {
		return vfs.KindUnavailable
	}
	return vfs.KindInternal
}

// fail gives err, which the SDK returned for a request under ctx, its kind.
// What already has one keeps it. Callers know more where the kind depends on
// what was asked: a condition that is not met is KindConflict here.
func fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*vfs.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return vfs.NewError(vfs.KindCanceled, err)
	}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		kind, reason, known := codes(bloberror.Code(re.ErrorCode))
		if !known {
			kind = statuses(re.StatusCode)
		}
		return &vfs.Error{Kind: kind, Reason: reason, Err: answerError{re}}
	}
	// Everything else happened on the way: a name that does not resolve, a
	// connection that broke, an attempt that took too long, TLS, an answer that
	// is no answer, an identity that cannot be had.
	return vfs.NewError(vfs.KindUnavailable, err)
}

// answerError is the service's error on one line. The SDK's own text is a dump
// over many.
type answerError struct{ *azcore.ResponseError }

func (e answerError) Error() string {
	text := strconv.Itoa(e.StatusCode) + " " + e.ErrorCode
	if e.RawResponse == nil {
		return text
	}
	if req := e.RawResponse.Request; req != nil {
		// Without the query, in which a SAS is the secret.
		text = req.Method + " " + req.URL.Host + req.URL.EscapedPath() + ": " + text
	}
	if id := e.RawResponse.Header.Get("x-ms-request-id"); id != "" {
		text += " (request " + id + ")"
	}
	return text
}

func (e answerError) Unwrap() error { return e.ResponseError }

// hasStatus reports whether the service answered with the status.
func hasStatus(err error, status int) bool {
	re, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && re.StatusCode == status
}

// notFound reports whether the service says that there is no such blob. A
// missing container is something else.
func notFound(err error) bool {
	return hasStatus(err, http.StatusNotFound) &&
		!bloberror.HasCode(err, bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ResourceNotFound)
}

// isUnknownHost reports whether the name of the account's host does not exist.
func isUnknownHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}
