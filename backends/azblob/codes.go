package azblob

import (
	"net/http"
	"strings"

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
	reasonEncrypted   = "file is encrypted with a key of its owner"
	reasonOperation   = "the storage account does not allow this"
	reasonMetadata    = "metadata of the file is full"
	reasonBadMetadata = "metadata of the file is not valid"
	reasonLeftovers   = "too many unfinished uploads of this file"
	reasonForeignIDs  = "another program has left an unfinished upload of this file, which expires within a week"
)

// Codes of the service for which the SDK has no constant. They are documented
// under "Blob service error codes" and "Common REST API error codes", or were
// seen in answers of the service.
const (
	codeLegalHold        bloberror.Code = "BlobImmutableDueToLegalHold"
	codeNoSharedKeys     bloberror.Code = "KeyBasedAuthenticationNotPermitted"
	codeNoPublicAccess   bloberror.Code = "PublicAccessNotPermitted"
	codeOperation        bloberror.Code = "BlobOperationNotSupported"
	codeHierarchical     bloberror.Code = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts"
	codeAccountFeatures  bloberror.Code = "EndpointUnsupportedAccountFeatures"
	codeNotImplemented   bloberror.Code = "NotImplemented"
	codeAzuriteStrict    bloberror.Code = "FeatureNotSupported" // Azurite without --loose
	codePathTooDeep      bloberror.Code = "PathIsTooDeep"
	codePathExists       bloberror.Code = "PathAlreadyExists"
	codePathNotFound     bloberror.Code = "PathNotFound"
	codeNotEmpty         bloberror.Code = "DirectoryNotEmpty"
	codeAzuriteFull      bloberror.Code = "MemoryExtentStoreAtSizeLimit" // the Azurite emulator alone
	codePrefixOfKeyVault                = "KeyVault"
)

// codes maps the codes of the Blob service to kinds, in every status in which
// the service sends them. What is missing goes by the HTTP status.
func codes(code bloberror.Code, status int) (kind vfs.Kind, reason string, ok bool) {
	switch {
	case refusesGateway(code), missingStore(code), transient(code):
		return vfs.KindUnavailable, "", true
	case ours(code):
		return vfs.KindInternal, "", true
	case leased(code):
		return vfs.KindLocked, reasonLeased, true
	}
	switch code {
	case bloberror.BlobNotFound, codePathNotFound:
		return vfs.KindNotExist, "", true
	case bloberror.CannotVerifyCopySource:
		// It stands for whatever the service met when it read the source.
		return statuses(status), "", true
	case bloberror.BlobAlreadyExists, bloberror.ResourceAlreadyExists, codePathExists:
		return vfs.KindExist, "", true
	case codeNotEmpty:
		return vfs.KindNotEmpty, "", true
	case bloberror.ConditionNotMet, bloberror.SourceConditionNotMet, bloberror.TargetConditionNotMet,
		bloberror.AppendPositionConditionNotMet, bloberror.MaxBlobSizeConditionNotMet, bloberror.SequenceNumberConditionNotMet,
		bloberror.InvalidBlockList, bloberror.InvalidBlobOrBlock, bloberror.BlobOverwritten, bloberror.PendingCopyOperation,
		bloberror.NoPendingCopyOperation, bloberror.CopyIDMismatch, bloberror.BlobNotArchived:
		return vfs.KindConflict, "", true
	case bloberror.BlockCountExceedsLimit:
		// No upload of ours has as many: others left them behind, and any
		// commit under the name drops them.
		return vfs.KindConflict, reasonLeftovers, true
	case bloberror.BlobArchived:
		return vfs.KindLocked, reasonArchived, true
	case bloberror.BlobBeingRehydrated:
		return vfs.KindLocked, reasonRehydrating, true
	case bloberror.BlobImmutableDueToPolicy, codeLegalHold, bloberror.ImmutabilityPolicyDeleteOnLockedPolicy:
		return vfs.KindLocked, reasonImmutable, true
	case bloberror.SnapshotsPresent:
		return vfs.KindLocked, reasonSnapshots, true
	case bloberror.BlobUsesCustomerSpecifiedEncryption:
		return vfs.KindLocked, reasonEncrypted, true
	case bloberror.InvalidBlobType, bloberror.InvalidSourceBlobType:
		return vfs.KindUnsupported, reasonType, true
	case codeOperation, codeHierarchical, codeAccountFeatures, bloberror.FeatureVersionMismatch, bloberror.ResourceTypeMismatch,
		bloberror.CopyAcrossAccountsNotSupported, bloberror.InvalidOperation, bloberror.InvalidBlobTier,
		bloberror.CannotChangeToLowerTier, bloberror.BlobTierInadequateForContentLength, bloberror.SnapshotCountExceeded,
		bloberror.OperationNotAllowedOnIncrementalCopyBlob, bloberror.OperationNotAllowedOnRootBlob, codeNotImplemented:
		return vfs.KindUnsupported, reasonOperation, true
	case bloberror.RequestBodyTooLarge, bloberror.BlockListTooLong, bloberror.ContentLengthLargerThanTierLimit:
		return vfs.KindTooLarge, "", true
	case bloberror.InvalidURI, bloberror.InvalidResourceName, bloberror.RequestURLFailedToParse, bloberror.OutOfRangeInput,
		bloberror.InvalidInput, codePathTooDeep:
		return vfs.KindInvalid, "", true
	case bloberror.MetadataTooLarge:
		return vfs.KindInvalid, reasonMetadata, true
	case bloberror.InvalidMetadata, bloberror.EmptyMetadataKey:
		return vfs.KindInvalid, reasonBadMetadata, true
	case bloberror.InvalidRange:
		return vfs.KindOffset, "", true
	case codeAzuriteFull:
		return vfs.KindNoSpace, "", true
	}
	return 0, "", false
}

// refusesGateway reports whether the code says that the service does not accept
// what this process brings: its credential, clock, address or dialect. It is no
// news about one file, another attempt may succeed once an operator has acted, and
// remedy says how.
func refusesGateway(code bloberror.Code) bool {
	switch code {
	case bloberror.AuthenticationFailed, bloberror.InvalidAuthenticationInfo, bloberror.NoAuthenticationInformation,
		bloberror.AuthorizationFailure, bloberror.AuthorizationPermissionMismatch, bloberror.AuthorizationProtocolMismatch,
		bloberror.AuthorizationResourceTypeMismatch, bloberror.AuthorizationServiceMismatch,
		bloberror.AuthorizationSourceIPMismatch, bloberror.InsufficientAccountPermissions, bloberror.UnauthorizedBlobOverwrite,
		bloberror.AccountIsDisabled, codeNoSharedKeys, codeNoPublicAccess, codeAzuriteStrict:
		return true
	}
	return strings.HasPrefix(string(code), codePrefixOfKeyVault)
}

// missingStore reports whether the account or the container is not there.
func missingStore(code bloberror.Code) bool {
	switch code {
	case bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ContainerDisabled,
		bloberror.ResourceNotFound, bloberror.AccountBeingCreated:
		return true
	}
	return false
}

// transient reports whether the service could not do it now.
func transient(code bloberror.Code) bool {
	switch code {
	case bloberror.ServerBusy, bloberror.InternalError, bloberror.OperationTimedOut, bloberror.SystemInUse,
		bloberror.SnapshotOperationRateExceeded,
		// Bytes were damaged between here and there; nothing was stored.
		bloberror.MD5Mismatch, bloberror.CRC64Mismatch, bloberror.InvalidMD5:
		return true
	}
	return false
}

// leased reports whether a lease that is not ours is in the way.
func leased(code bloberror.Code) bool {
	switch code {
	case bloberror.LeaseIDMissing, bloberror.LeaseIDMismatchWithBlobOperation, bloberror.LeaseIDMismatchWithContainerOperation,
		bloberror.LeaseIDMismatchWithLeaseOperation, bloberror.LeaseAlreadyPresent, bloberror.LeaseAlreadyBroken, bloberror.LeaseLost,
		bloberror.LeaseIsBreakingAndCannotBeAcquired, bloberror.LeaseIsBreakingAndCannotBeChanged,
		bloberror.LeaseIsBrokenAndCannotBeRenewed, bloberror.LeaseNotPresentWithBlobOperation,
		bloberror.LeaseNotPresentWithContainerOperation, bloberror.LeaseNotPresentWithLeaseOperation,
		bloberror.InfiniteLeaseDurationRequired:
		return true
	}
	return false
}

// ours reports whether the code names a mistake of this package: a request that
// cannot be right, or one that it never sends.
func ours(code bloberror.Code) bool {
	switch code {
	case bloberror.AccountAlreadyExists, bloberror.ContainerAlreadyExists, bloberror.ConditionHeadersNotSupported,
		bloberror.MultipleConditionHeadersNotSupported, bloberror.InvalidBlockID, bloberror.InvalidHTTPVerb,
		bloberror.InvalidHeaderValue, bloberror.InvalidQueryParameterValue, bloberror.OutOfRangeQueryParameterValue,
		bloberror.InvalidXMLDocument, bloberror.InvalidXMLNodeValue, bloberror.MissingContentLengthHeader,
		bloberror.MissingRequiredHeader, bloberror.MissingRequiredQueryParameter, bloberror.MissingRequiredXMLNode,
		bloberror.UnsupportedHTTPVerb, bloberror.UnsupportedHeader, bloberror.UnsupportedQueryParameter,
		bloberror.UnsupportedXMLNode, bloberror.InvalidSourceBlobURL, bloberror.InvalidPageRange,
		bloberror.InvalidVersionForPageBlobOperation, bloberror.SequenceNumberIncrementTooLarge,
		bloberror.PreviousSnapshotCannotBeNewer, bloberror.PreviousSnapshotNotFound, bloberror.PreviousSnapshotOperationNotSupported,
		bloberror.IncrementalCopyBlobMismatch, bloberror.IncrementalCopySourceMustBeSnapshot,
		bloberror.IncrementalCopyOfEarlierSnapshotNotAllowed, "IncrementalCopyOfEralierVersionSnapshotNotAllowed":
		return true
	}
	return false
}

// statuses maps what has no code that codes knows, such as answers to HEAD.
func statuses(status int) vfs.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		// The gateway's credential, not the client's: see refusesGateway.
		return vfs.KindUnavailable
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
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusProxyAuthRequired:
		return vfs.KindUnavailable
	}
	if status >= http.StatusInternalServerError {
		return vfs.KindUnavailable
	}
	return vfs.KindInternal
}
