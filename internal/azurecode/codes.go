package azurecode

import (
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/vfs"
)

// Reasons for clients, where the kind alone would not help.
const (
	ReasonArchived    = "file is archived"
	ReasonRehydrating = "file is being restored from the archive"
	ReasonLeased      = "file is leased"
	ReasonImmutable   = "file is protected by an immutability policy"
	ReasonSnapshots   = "file has snapshots"
	ReasonType        = "file is an append blob or page blob"
	ReasonEncrypted   = "file is encrypted with a key of its owner"
	ReasonOperation   = "the storage account does not allow this"
	ReasonMetadata    = "metadata of the file is full"
	ReasonBadMetadata = "metadata of the file is not valid"
	ReasonLeftovers   = "too many unfinished uploads of this file"
)

// Codes of the service for which the SDK has no constant. They are documented
// under "Blob service error codes" and "Common REST API error codes", or were
// seen in answers of the service.
const (
	LegalHold        bloberror.Code = "BlobImmutableDueToLegalHold"
	NoSharedKeys     bloberror.Code = "KeyBasedAuthenticationNotPermitted"
	NoPublicAccess   bloberror.Code = "PublicAccessNotPermitted"
	Operation        bloberror.Code = "BlobOperationNotSupported"
	Hierarchical     bloberror.Code = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts"
	AccountFeatures  bloberror.Code = "EndpointUnsupportedAccountFeatures"
	NotImplemented   bloberror.Code = "NotImplemented"
	AzuriteStrict    bloberror.Code = "FeatureNotSupported" // Azurite without --loose
	PathTooDeep      bloberror.Code = "PathIsTooDeep"
	PathExists       bloberror.Code = "PathAlreadyExists"
	PathNotFound     bloberror.Code = "PathNotFound"
	NotEmpty         bloberror.Code = "DirectoryNotEmpty"
	BlobNotEmpty     bloberror.Code = "DirectoryIsNotEmpty" // from the Blob endpoint
	NoRenameSource   bloberror.Code = "SourcePathNotFound"
	NoRenameParent   bloberror.Code = "RenameDestinationParentPathNotFound"
	BelowItself      bloberror.Code = "InvalidRenameSourcePath"
	OnDirectory      bloberror.Code = "OperationNotSupportedOnDirectory"
	BadDestination   bloberror.Code = "InvalidDestinationPath"
	OtherType        bloberror.Code = "InvalidSourceOrDestinationResourceType"
	PathConflict     bloberror.Code = "PathConflict"
	BeingDeleted     bloberror.Code = "DestinationPathIsBeingDeleted"
	NoFilesystem     bloberror.Code = "FilesystemNotFound"
	FilesystemGoes   bloberror.Code = "FilesystemBeingDeleted"
	AzuriteFull      bloberror.Code = "MemoryExtentStoreAtSizeLimit" // the Azurite emulator alone
	PrefixOfKeyVault                = "KeyVault"
)

// Kind maps the codes of the Blob service to kinds, in every status in which
// the service sends them. What is missing goes by the HTTP status, with
// KindOfStatus; then ok is false.
func Kind(code bloberror.Code, status int) (kind vfs.Kind, reason string, ok bool) {
	switch {
	case RefusesGateway(code), MissingStore(code), transient(code):
		return vfs.KindUnavailable, "", true
	case ours(code):
		return vfs.KindInternal, "", true
	case leased(code):
		return vfs.KindLocked, ReasonLeased, true
	}
	switch code {
	case bloberror.BlobNotFound, PathNotFound, NoRenameSource, NoRenameParent:
		return vfs.KindNotExist, "", true
	case bloberror.CannotVerifyCopySource:
		// The code for any failure of the service to read the source.
		return KindOfStatus(status), "", true
	case bloberror.BlobAlreadyExists, bloberror.ResourceAlreadyExists, PathExists:
		return vfs.KindExist, "", true
	case NotEmpty, BlobNotEmpty:
		return vfs.KindNotEmpty, "", true
	case OnDirectory:
		return vfs.KindIsDir, "", true
	case bloberror.ConditionNotMet, bloberror.SourceConditionNotMet, bloberror.TargetConditionNotMet,
		bloberror.AppendPositionConditionNotMet, bloberror.MaxBlobSizeConditionNotMet, bloberror.SequenceNumberConditionNotMet,
		bloberror.InvalidBlockList, bloberror.InvalidBlobOrBlock, bloberror.BlobOverwritten, bloberror.PendingCopyOperation,
		bloberror.NoPendingCopyOperation, bloberror.CopyIDMismatch, bloberror.BlobNotArchived, OtherType, PathConflict:
		return vfs.KindConflict, "", true
	case bloberror.BlockCountExceedsLimit:
		// An upload of the gateway has fewer. Other programs left them, and any commit
		// under the name drops them.
		return vfs.KindConflict, ReasonLeftovers, true
	case bloberror.BlobArchived:
		return vfs.KindLocked, ReasonArchived, true
	case bloberror.BlobBeingRehydrated:
		return vfs.KindLocked, ReasonRehydrating, true
	case bloberror.BlobImmutableDueToPolicy, LegalHold, bloberror.ImmutabilityPolicyDeleteOnLockedPolicy:
		return vfs.KindLocked, ReasonImmutable, true
	case bloberror.SnapshotsPresent:
		return vfs.KindLocked, ReasonSnapshots, true
	case bloberror.BlobUsesCustomerSpecifiedEncryption:
		return vfs.KindLocked, ReasonEncrypted, true
	case bloberror.InvalidBlobType, bloberror.InvalidSourceBlobType:
		return vfs.KindUnsupported, ReasonType, true
	case Operation, Hierarchical, AccountFeatures, bloberror.FeatureVersionMismatch, bloberror.ResourceTypeMismatch,
		bloberror.CopyAcrossAccountsNotSupported, bloberror.InvalidOperation, bloberror.InvalidBlobTier,
		bloberror.CannotChangeToLowerTier, bloberror.BlobTierInadequateForContentLength, bloberror.SnapshotCountExceeded,
		bloberror.OperationNotAllowedOnIncrementalCopyBlob, bloberror.OperationNotAllowedOnRootBlob, NotImplemented:
		return vfs.KindUnsupported, ReasonOperation, true
	case bloberror.RequestBodyTooLarge, bloberror.BlockListTooLong, bloberror.ContentLengthLargerThanTierLimit:
		return vfs.KindTooLarge, "", true
	case bloberror.InvalidURI, bloberror.InvalidResourceName, bloberror.RequestURLFailedToParse, bloberror.OutOfRangeInput,
		bloberror.InvalidInput, PathTooDeep, BelowItself, BadDestination:
		return vfs.KindInvalid, "", true
	case bloberror.MetadataTooLarge:
		return vfs.KindInvalid, ReasonMetadata, true
	case bloberror.InvalidMetadata, bloberror.EmptyMetadataKey:
		return vfs.KindInvalid, ReasonBadMetadata, true
	case bloberror.InvalidRange:
		return vfs.KindOffset, "", true
	case AzuriteFull:
		return vfs.KindNoSpace, "", true
	}
	return 0, "", false
}

// RefusesGateway reports whether the code says that the service does not accept the
// credential, the clock, the address or the protocol version of this process. The refusal is
// not about one file. An operator has to act, and the backend logs how.
func RefusesGateway(code bloberror.Code) bool {
	switch code {
	case bloberror.AuthenticationFailed, bloberror.InvalidAuthenticationInfo, bloberror.NoAuthenticationInformation,
		bloberror.AuthorizationFailure, bloberror.AuthorizationPermissionMismatch, bloberror.AuthorizationProtocolMismatch,
		bloberror.AuthorizationResourceTypeMismatch, bloberror.AuthorizationServiceMismatch,
		bloberror.AuthorizationSourceIPMismatch, bloberror.InsufficientAccountPermissions, bloberror.UnauthorizedBlobOverwrite,
		bloberror.AccountIsDisabled, NoSharedKeys, NoPublicAccess, AzuriteStrict:
		return true
	}
	return strings.HasPrefix(string(code), PrefixOfKeyVault)
}

// MissingStore reports whether the account or the container does not exist.
func MissingStore(code bloberror.Code) bool {
	switch code {
	case bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ContainerDisabled,
		bloberror.ResourceNotFound, bloberror.AccountBeingCreated, NoFilesystem, FilesystemGoes:
		return true
	}
	return false
}

// transient reports whether the service cannot carry out the request at the moment.
func transient(code bloberror.Code) bool {
	switch code {
	case bloberror.ServerBusy, bloberror.InternalError, bloberror.OperationTimedOut, bloberror.SystemInUse,
		bloberror.SnapshotOperationRateExceeded, BeingDeleted,
		// Bytes were damaged on the network; nothing was stored.
		bloberror.MD5Mismatch, bloberror.CRC64Mismatch, bloberror.InvalidMD5:
		return true
	}
	return false
}

// leased reports whether the lease of another client prevents the request.
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

// ours reports whether the code shows a bug of the gateway: an invalid request, or one that
// it never sends.
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

// KindOfStatus maps the status of answers without a code that Kind knows, such as answers to
// HEAD.
func KindOfStatus(status int) vfs.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		// The gateway's credential, not the client's: see RefusesGateway.
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
