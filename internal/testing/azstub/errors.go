package azstub

import (
	"fmt"
	"net/http"
	"strings"
)

// serviceError is an answer that reports a failure: an HTTP status, the code
// that goes into x-ms-error-code, and the sentence for the XML body.
type serviceError struct {
	status  int
	code    string
	message string
	header  http.Header // extra headers, may be nil
}

func (e *serviceError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message)
}

// with returns a copy of e that carries one more header.
func (e *serviceError) with(key, value string) *serviceError {
	c := *e
	c.header = e.header.Clone()
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(key, value)
	return &c
}

func newError(status int, code, message string) *serviceError {
	return &serviceError{status: status, code: code, message: message}
}

// The failures that the stub reports, with the statuses that "Blob service
// error codes" and "Common REST API error codes" document. They are constants
// in all but syntax: nothing writes to them.
var (
	errNotModified              = newError(304, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
	errBlockListTooLong         = newError(400, "BlockListTooLong", "The block list may not contain more than 50,000 blocks.")
	errBothSums                 = newError(400, "BothCrc64AndMd5HeaderPresent", "Both x-ms-content-crc64 header and content-md5 header are present.")
	errBothBlobSums             = newError(400, "BothCrc64AndMsMd5HeaderPresent", "Both x-ms-content-crc64 header and x-ms-blob-content-md5 header are present.")
	errCrc64Mismatch            = newError(400, "Crc64Mismatch", "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.")
	errEmptyMetadataKey         = newError(400, "EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty.")
	errInvalidBlobOrBlock       = newError(400, "InvalidBlobOrBlock", "The specified blob or block content is invalid.")
	errInvalidBlockList         = newError(400, "InvalidBlockList", "The specified block list is invalid.")
	errInvalidHeaderValue       = newError(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format.")
	errInvalidInput             = newError(400, "InvalidInput", "One of the request inputs is not valid.")
	errInvalidMD5               = newError(400, "InvalidMd5", "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded.")
	errInvalidMetadata          = newError(400, "InvalidMetadata", "The specified metadata is invalid. It includes characters that are not permitted.")
	errInvalidQuery             = newError(400, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.")
	errInvalidResourceName      = newError(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
	errInvalidURI               = newError(400, "InvalidUri", "The requested URI does not represent any resource on the server.")
	errInvalidXML               = newError(400, "InvalidXmlDocument", "XML specified is not syntactically valid.")
	errInvalidTags              = newError(400, "InvalidTags", "The tags specified are invalid. It contains characters that are not permitted.")
	errMd5Mismatch              = newError(400, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")
	errMetadataTooLarge         = newError(400, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted.")
	errMissingHeader            = newError(400, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.")
	errMissingQuery             = newError(400, "MissingRequiredQueryParameter", "A query parameter that's mandatory for this request is not specified.")
	errMultipleConditions       = newError(400, "MultipleConditionHeadersNotSupported", "Multiple condition headers are not supported.")
	errOutOfRangeInput          = newError(400, "OutOfRangeInput", "One of the request inputs is out of range.")
	errOutOfRangeQuery          = newError(400, "OutOfRangeQueryParameterValue", "One of the query parameters specified in the request URI is outside the permissible range.")
	errUnsupportedHeader        = newError(400, "UnsupportedHeader", "One of the HTTP headers specified in the request is not supported.")
	errContentLengthNotZero     = newError(400, "ContentLengthMustBeZero", "The Content-Length request header must be zero.")
	errInvalidFlushPosition     = newError(400, "InvalidFlushPosition", "The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.")
	errInvalidSourceURI         = newError(400, "InvalidSourceUri", "The source URI is invalid.")
	errOnDirectory              = newError(400, "OperationNotSupportedOnDirectory", "The requested operation is not supported on a directory.")
	errPathTooDeep              = newError(400, "PathIsTooDeep", "The path has too many segments.")
	errNoAuthentication         = newError(401, "NoAuthenticationInformation", "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.")
	errSourceNotAuthorized      = newError(401, "CannotVerifyCopySource", "Server failed to authenticate the request for the copy source.")
	errAuthenticationFailed     = newError(403, "AuthenticationFailed", "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.")
	errPermissionMismatch       = newError(403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.")
	errBlobNotFound             = newError(404, "BlobNotFound", "The specified blob does not exist.")
	errCannotVerifyCopySource   = newError(404, "CannotVerifyCopySource", "The specified blob does not exist.")
	errContainerNotFound        = newError(404, "ContainerNotFound", "The specified container does not exist.")
	errFilesystemNotFound       = newError(404, "FilesystemNotFound", "The specified filesystem does not exist.")
	errPathNotFound             = newError(404, "PathNotFound", "The specified path does not exist.")
	errRenameParentNotFound     = newError(404, "RenameDestinationParentPathNotFound", "The parent directory of the destination path does not exist.")
	errSourcePathNotFound       = newError(404, "SourcePathNotFound", "The source path for a rename operation does not exist.")
	errResourceNotFound         = newError(404, "ResourceNotFound", "The specified resource does not exist.")
	errBlobAlreadyExists        = newError(409, "BlobAlreadyExists", "The specified blob already exists.")
	errBlobArchived             = newError(409, "BlobArchived", "This operation is not permitted on an archived blob.")
	errBlobImmutable            = newError(409, "BlobImmutableDueToPolicy", "This operation is not permitted as the blob is immutable due to a policy.")
	errBlobLegalHold            = newError(409, "BlobImmutableDueToLegalHold", "This operation is not permitted as the blob is immutable due to a legal hold.")
	errBlobNotSupported         = newError(409, "BlobOperationNotSupported", "Blob operation is not supported.")
	errBlockCountExceedsLimit   = newError(409, "BlockCountExceedsLimit", "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.")
	errContainerAlreadyExists   = newError(409, "ContainerAlreadyExists", "The specified container already exists.")
	errCopyIDMismatch           = newError(409, "CopyIdMismatch", "The specified copy ID did not match the copy ID for the pending copy operation.")
	errDirectoryIsNotEmpty      = newError(409, "DirectoryIsNotEmpty", "This operation is not permitted on a non-empty directory.")
	errDirectoryNotEmpty        = newError(409, "DirectoryNotEmpty", "The recursive query parameter value must be true to delete a non-empty directory.")
	errInvalidDestinationPath   = newError(409, "InvalidDestinationPath", "The specified path, or an element of the path, exists and its resource type is invalid for this operation.")
	errInvalidFlushOperation    = newError(409, "InvalidFlushOperation", "The resource was created or modified by the Blob Service API and cannot be written to by the Data Lake Storage Service API.")
	errInvalidRenameSource      = newError(409, "InvalidRenameSourcePath", "The source directory cannot be the same as the destination directory, nor can the destination be a subdirectory of the source directory.")
	errNotForHierarchical       = newError(409, "FeatureNotYetSupportedForHierarchicalNamespaceAccounts", "Specified feature is not yet supported for hierarchical namespace accounts.")
	errPathAlreadyExists        = newError(409, "PathAlreadyExists", "The specified path already exists.")
	errPathConflict             = newError(409, "PathConflict", "The specified path, or an element of the path, exists and its resource type is invalid for this operation.")
	errPathImmutable            = newError(409, "PathImmutableDueToPolicy", "This operation is not permitted as the path is immutable due to a policy.")
	errResourceTypeMismatch     = newError(409, "ResourceTypeMismatch", "The resource type specified in the request does not match the type of the resource.")
	errResourceTypesDiffer      = newError(409, "InvalidSourceOrDestinationResourceType", "The source and destination resource type must be identical.")
	errInvalidBlobType          = newError(409, "InvalidBlobType", "The blob type is invalid for this operation.")
	errLeaseAlreadyPresent      = newError(409, "LeaseAlreadyPresent", "There is already a lease present.")
	errLeaseIDMismatchLease     = newError(409, "LeaseIdMismatchWithLeaseOperation", "The lease ID specified did not match the lease ID for the blob.")
	errLeaseIsBroken            = newError(409, "LeaseIsBrokenAndCannotBeRenewed", "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.")
	errLeaseNotPresentLease     = newError(409, "LeaseNotPresentWithLeaseOperation", "There is currently no lease on the blob.")
	errNoPendingCopy            = newError(409, "NoPendingCopyOperation", "There is currently no pending copy operation.")
	errPendingCopy              = newError(409, "PendingCopyOperation", "There is currently a pending copy operation.")
	errSnapshotsPresent         = newError(409, "SnapshotsPresent", "This operation is not permitted because the blob has snapshots.")
	errMissingContentLength     = newError(411, "MissingContentLengthHeader", "The Content-Length header was not specified.")
	errConditionNotMet          = newError(412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
	errLeaseIDMismatchBlob      = newError(412, "LeaseIdMismatchWithBlobOperation", "The lease ID specified did not match the lease ID for the blob.")
	errLeaseIDMissing           = newError(412, "LeaseIdMissing", "There is currently a lease on the blob and no lease ID was specified in the request.")
	errPathLeaseIDMissing       = newError(412, "LeaseIdMissing", "There is currently a lease on the resource and no lease ID was specified in the request.")
	errLeaseNotPresentBlob      = newError(412, "LeaseNotPresentWithBlobOperation", "There is currently no lease on the blob.")
	errSourceConditionNotMet    = newError(412, "SourceConditionNotMet", "The source condition specified using HTTP conditional header(s) is not met.")
	errTargetConditionNotMet    = newError(412, "TargetConditionNotMet", "The target condition specified using HTTP conditional header(s) is not met.")
	errRequestBodyTooLarge      = newError(413, "RequestBodyTooLarge", "The size of the request body exceeds the maximum size permitted.")
	errInvalidRange             = newError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
	errNotImplemented           = newError(501, "NotImplemented", "The stub does not offer this operation.")
	errInvalidAuthenticationUse = newError(400, "InvalidAuthenticationInfo", "The authentication information was not provided in the correct format. Verify the value of Authorization header.")
)

// errorBody is the XML that the service sends with a failure.
func errorBody(e *serviceError, requestID, now string) []byte {
	var b strings.Builder
	b.WriteString("\ufeff" + `<?xml version="1.0" encoding="utf-8"?><Error><Code>`)
	b.WriteString(e.code)
	b.WriteString("</Code><Message>")
	b.WriteString(escapeXML(e.message + "\nRequestId:" + requestID + "\nTime:" + now))
	b.WriteString("</Message></Error>")
	return []byte(b.String())
}
