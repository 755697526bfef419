package azblob

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

func answer(status int, code bloberror.Code) error {
	return &azcore.ResponseError{StatusCode: status, ErrorCode: string(code)}
}

func TestFail(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	live := t.Context()
	tests := []struct {
		name   string
		ctx    context.Context
		err    error
		want   vfs.Kind
		reason string
	}{
		{"no such blob", live, answer(404, bloberror.BlobNotFound), vfs.KindNotExist, ""},
		{"a HEAD's 404, which has no body", live, answer(404, ""), vfs.KindNotExist, ""},
		{"no such source", live, answer(404, bloberror.CannotVerifyCopySource), vfs.KindNotExist, ""},
		{"no such container", live, answer(404, bloberror.ContainerNotFound), vfs.KindUnavailable, ""},
		{"container being deleted", live, answer(409, bloberror.ContainerBeingDeleted), vfs.KindUnavailable, ""},
		{"no such account", live, answer(404, bloberror.ResourceNotFound), vfs.KindUnavailable, ""},
		{"account disabled", live, answer(403, bloberror.AccountIsDisabled), vfs.KindUnavailable, ""},
		{"wrong key", live, answer(403, bloberror.AuthenticationFailed), vfs.KindUnavailable, ""},
		{"SAS lacks a permission", live, answer(403, bloberror.AuthorizationPermissionMismatch), vfs.KindUnavailable, ""},
		{"role is missing", live, answer(403, bloberror.AuthorizationFailure), vfs.KindUnavailable, ""},
		{"no credential", live, answer(401, bloberror.NoAuthenticationInformation), vfs.KindUnavailable, ""},
		{"exists", live, answer(409, bloberror.BlobAlreadyExists), vfs.KindExist, ""},
		{"changed", live, answer(412, bloberror.ConditionNotMet), vfs.KindConflict, ""},
		{"source changed", live, answer(412, bloberror.SourceConditionNotMet), vfs.KindConflict, ""},
		{"not modified", live, answer(304, ""), vfs.KindConflict, ""},
		{"another writer committed", live, answer(400, bloberror.InvalidBlockList), vfs.KindConflict, ""},
		{"a copy goes on", live, answer(409, bloberror.PendingCopyOperation), vfs.KindConflict, ""},
		{"archived", live, answer(409, bloberror.BlobArchived), vfs.KindLocked, azurecode.ReasonArchived},
		{"rehydrating", live, answer(409, bloberror.BlobBeingRehydrated), vfs.KindLocked, azurecode.ReasonRehydrating},
		{"leased", live, answer(412, bloberror.LeaseIDMissing), vfs.KindLocked, azurecode.ReasonLeased},
		{"immutable", live, answer(409, bloberror.BlobImmutableDueToPolicy), vfs.KindLocked, azurecode.ReasonImmutable},
		{"snapshots", live, answer(409, bloberror.SnapshotsPresent), vfs.KindLocked, azurecode.ReasonSnapshots},
		{"other type of blob", live, answer(409, bloberror.InvalidBlobType), vfs.KindUnsupported, azurecode.ReasonType},
		{"too large", live, answer(413, bloberror.RequestBodyTooLarge), vfs.KindTooLarge, ""},
		{"too many blocks", live, answer(409, bloberror.BlockCountExceedsLimit), vfs.KindConflict, azurecode.ReasonLeftovers},
		{"too large for a proxy", live, answer(413, ""), vfs.KindTooLarge, ""},
		{"beyond the end", live, answer(416, bloberror.InvalidRange), vfs.KindOffset, ""},
		{"name", live, answer(400, bloberror.InvalidResourceName), vfs.KindInvalid, ""},
		{"damaged on the way", live, answer(400, bloberror.CRC64Mismatch), vfs.KindUnavailable, ""},
		{"busy", live, answer(503, bloberror.ServerBusy), vfs.KindUnavailable, ""},
		{"internal", live, answer(500, bloberror.InternalError), vfs.KindUnavailable, ""},
		{"timed out there", live, answer(500, bloberror.OperationTimedOut), vfs.KindUnavailable, ""},
		{"throttled", live, answer(429, ""), vfs.KindUnavailable, ""},
		{"a proxy's gateway", live, answer(502, ""), vfs.KindUnavailable, ""},
		{"not implemented", live, answer(501, ""), vfs.KindUnsupported, ""},
		{"emulator is full", live, answer(409, "MemoryExtentStoreAtSizeLimit"), vfs.KindNoSpace, ""},
		{"our own mistake", live, answer(400, bloberror.MissingRequiredHeader), vfs.KindInternal, ""},
		{"connection refused", live, &net.OpError{Op: "dial", Err: errors.New("refused")}, vfs.KindUnavailable, ""},
		{"unknown host", live, &net.DNSError{IsNotFound: true}, vfs.KindUnavailable, ""},
		{"an attempt's time-out", live, context.DeadlineExceeded, vfs.KindUnavailable, ""},
		{"connection broke", live, io.ErrUnexpectedEOF, vfs.KindUnavailable, ""},
		{"our context ended", ended, context.Canceled, vfs.KindCanceled, ""},
		{"our context ended meanwhile", ended, answer(503, bloberror.ServerBusy), vfs.KindCanceled, ""},
		{"has a kind", ended, vfs.NewError(vfs.KindOffset, nil), vfs.KindOffset, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := fail(test.ctx, test.err)
			if got := vfs.KindOf(err); got != test.want {
				t.Errorf("kind %v, want %v", got, test.want)
			}
			want := test.reason
			if want == "" {
				want = test.want.Reason()
			}
			if got := vfs.ReasonOf(err); got != want {
				t.Errorf("reason %q, want %q", got, want)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("%v does not hold its cause", err)
			}
		})
	}
	if err := fail(ended, nil); err != nil {
		t.Errorf("fail(nil) = %v", err)
	}
}

// TestErrorText proves that the log gets one line, without the query.
func TestErrorText(t *testing.T) {
	req := &http.Request{Method: http.MethodPut, URL: &url.URL{Scheme: "https", Host: "a.blob.core.windows.net", Path: "/c/b", RawQuery: "sig=planted"}}
	resp := &http.Response{StatusCode: 503, Request: req, Header: http.Header{"X-Ms-Request-Id": {"1234"}}, Body: http.NoBody}
	err := fail(t.Context(), &azcore.ResponseError{StatusCode: 503, ErrorCode: "ServerBusy", RawResponse: resp})
	const want = "storage is not available, try again later: PUT a.blob.core.windows.net/c/b: 503 ServerBusy (request 1234)"
	if got := err.Error(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if strings.Contains(err.Error(), "planted") {
		t.Errorf("%q holds the secret", err)
	}
}

// TestCodes gives every code that the service documents a kind, in the status
// with which it is sent. Refusals of the gateway itself are never permanent.
func TestCodes(t *testing.T) {
	type row struct {
		status int
		kind   vfs.Kind
	}
	const (
		invalid, conflict, forbidden = http.StatusBadRequest, http.StatusConflict, http.StatusForbidden
		unmet                        = http.StatusPreconditionFailed
	)
	want := map[bloberror.Code][]row{
		bloberror.AccountAlreadyExists:                       {{conflict, vfs.KindInternal}},
		bloberror.AccountBeingCreated:                        {{conflict, vfs.KindUnavailable}},
		bloberror.AccountIsDisabled:                          {{forbidden, vfs.KindUnavailable}},
		bloberror.AppendPositionConditionNotMet:              {{unmet, vfs.KindConflict}},
		bloberror.AuthenticationFailed:                       {{forbidden, vfs.KindUnavailable}, {401, vfs.KindUnavailable}},
		bloberror.AuthorizationFailure:                       {{forbidden, vfs.KindUnavailable}},
		bloberror.AuthorizationPermissionMismatch:            {{forbidden, vfs.KindUnavailable}},
		bloberror.AuthorizationProtocolMismatch:              {{forbidden, vfs.KindUnavailable}},
		bloberror.AuthorizationResourceTypeMismatch:          {{forbidden, vfs.KindUnavailable}},
		bloberror.AuthorizationServiceMismatch:               {{forbidden, vfs.KindUnavailable}},
		bloberror.AuthorizationSourceIPMismatch:              {{forbidden, vfs.KindUnavailable}},
		bloberror.BlobAlreadyExists:                          {{conflict, vfs.KindExist}},
		bloberror.BlobArchived:                               {{conflict, vfs.KindLocked}},
		bloberror.BlobBeingRehydrated:                        {{conflict, vfs.KindLocked}},
		bloberror.BlobImmutableDueToPolicy:                   {{conflict, vfs.KindLocked}},
		azurecode.LegalHold:                                  {{conflict, vfs.KindLocked}},
		bloberror.BlobNotArchived:                            {{conflict, vfs.KindConflict}},
		bloberror.BlobNotFound:                               {{404, vfs.KindNotExist}},
		bloberror.BlobOverwritten:                            {{conflict, vfs.KindConflict}},
		bloberror.BlobTierInadequateForContentLength:         {{conflict, vfs.KindUnsupported}},
		bloberror.BlobUsesCustomerSpecifiedEncryption:        {{conflict, vfs.KindLocked}},
		bloberror.BlockCountExceedsLimit:                     {{conflict, vfs.KindConflict}, {invalid, vfs.KindConflict}},
		bloberror.BlockListTooLong:                           {{invalid, vfs.KindTooLarge}},
		bloberror.CannotChangeToLowerTier:                    {{conflict, vfs.KindUnsupported}},
		bloberror.ConditionHeadersNotSupported:               {{invalid, vfs.KindInternal}},
		bloberror.ConditionNotMet:                            {{unmet, vfs.KindConflict}, {304, vfs.KindConflict}},
		bloberror.ContainerAlreadyExists:                     {{conflict, vfs.KindInternal}},
		bloberror.ContainerBeingDeleted:                      {{conflict, vfs.KindUnavailable}},
		bloberror.ContainerDisabled:                          {{conflict, vfs.KindUnavailable}},
		bloberror.ContainerNotFound:                          {{404, vfs.KindUnavailable}},
		bloberror.ContentLengthLargerThanTierLimit:           {{413, vfs.KindTooLarge}, {conflict, vfs.KindTooLarge}},
		bloberror.CopyAcrossAccountsNotSupported:             {{invalid, vfs.KindUnsupported}},
		bloberror.CopyIDMismatch:                             {{conflict, vfs.KindConflict}},
		bloberror.CRC64Mismatch:                              {{invalid, vfs.KindUnavailable}},
		bloberror.EmptyMetadataKey:                           {{invalid, vfs.KindInvalid}},
		bloberror.FeatureVersionMismatch:                     {{conflict, vfs.KindUnsupported}},
		bloberror.ImmutabilityPolicyDeleteOnLockedPolicy:     {{conflict, vfs.KindLocked}},
		bloberror.IncrementalCopyBlobMismatch:                {{conflict, vfs.KindInternal}},
		bloberror.IncrementalCopyOfEarlierSnapshotNotAllowed: {{conflict, vfs.KindInternal}},
		"IncrementalCopyOfEralierVersionSnapshotNotAllowed":  {{conflict, vfs.KindInternal}},
		bloberror.IncrementalCopySourceMustBeSnapshot:        {{conflict, vfs.KindInternal}},
		bloberror.InfiniteLeaseDurationRequired:              {{unmet, vfs.KindLocked}},
		bloberror.InsufficientAccountPermissions:             {{forbidden, vfs.KindUnavailable}},
		bloberror.InternalError:                              {{500, vfs.KindUnavailable}},
		bloberror.InvalidAuthenticationInfo:                  {{invalid, vfs.KindUnavailable}, {401, vfs.KindUnavailable}},
		bloberror.InvalidBlobOrBlock:                         {{invalid, vfs.KindConflict}},
		bloberror.InvalidBlobTier:                            {{invalid, vfs.KindUnsupported}},
		bloberror.InvalidBlobType:                            {{conflict, vfs.KindUnsupported}},
		bloberror.InvalidBlockID:                             {{invalid, vfs.KindInternal}},
		bloberror.InvalidBlockList:                           {{invalid, vfs.KindConflict}},
		bloberror.InvalidHTTPVerb:                            {{invalid, vfs.KindInternal}},
		bloberror.InvalidHeaderValue:                         {{invalid, vfs.KindInternal}},
		bloberror.InvalidInput:                               {{invalid, vfs.KindInvalid}},
		bloberror.InvalidMD5:                                 {{invalid, vfs.KindUnavailable}},
		bloberror.InvalidMetadata:                            {{invalid, vfs.KindInvalid}},
		bloberror.InvalidOperation:                           {{invalid, vfs.KindUnsupported}, {conflict, vfs.KindUnsupported}},
		bloberror.InvalidPageRange:                           {{416, vfs.KindInternal}},
		bloberror.InvalidQueryParameterValue:                 {{invalid, vfs.KindInternal}},
		bloberror.InvalidRange:                               {{416, vfs.KindOffset}},
		bloberror.InvalidResourceName:                        {{invalid, vfs.KindInvalid}},
		bloberror.InvalidSourceBlobType:                      {{conflict, vfs.KindUnsupported}},
		bloberror.InvalidSourceBlobURL:                       {{conflict, vfs.KindInternal}},
		bloberror.InvalidURI:                                 {{invalid, vfs.KindInvalid}},
		bloberror.InvalidVersionForPageBlobOperation:         {{invalid, vfs.KindInternal}},
		bloberror.InvalidXMLDocument:                         {{invalid, vfs.KindInternal}},
		bloberror.InvalidXMLNodeValue:                        {{invalid, vfs.KindInternal}},
		bloberror.LeaseAlreadyBroken:                         {{conflict, vfs.KindLocked}},
		bloberror.LeaseAlreadyPresent:                        {{conflict, vfs.KindLocked}},
		bloberror.LeaseIDMismatchWithBlobOperation:           {{unmet, vfs.KindLocked}},
		bloberror.LeaseIDMismatchWithContainerOperation:      {{unmet, vfs.KindLocked}},
		bloberror.LeaseIDMismatchWithLeaseOperation:          {{conflict, vfs.KindLocked}},
		bloberror.LeaseIDMissing:                             {{unmet, vfs.KindLocked}},
		bloberror.LeaseIsBreakingAndCannotBeAcquired:         {{conflict, vfs.KindLocked}},
		bloberror.LeaseIsBreakingAndCannotBeChanged:          {{conflict, vfs.KindLocked}},
		bloberror.LeaseIsBrokenAndCannotBeRenewed:            {{conflict, vfs.KindLocked}},
		bloberror.LeaseLost:                                  {{unmet, vfs.KindLocked}},
		bloberror.LeaseNotPresentWithBlobOperation:           {{unmet, vfs.KindLocked}},
		bloberror.LeaseNotPresentWithContainerOperation:      {{unmet, vfs.KindLocked}},
		bloberror.LeaseNotPresentWithLeaseOperation:          {{conflict, vfs.KindLocked}},
		bloberror.MD5Mismatch:                                {{invalid, vfs.KindUnavailable}},
		bloberror.MaxBlobSizeConditionNotMet:                 {{unmet, vfs.KindConflict}},
		bloberror.MetadataTooLarge:                           {{invalid, vfs.KindInvalid}},
		bloberror.MissingContentLengthHeader:                 {{411, vfs.KindInternal}},
		bloberror.MissingRequiredHeader:                      {{invalid, vfs.KindInternal}},
		bloberror.MissingRequiredQueryParameter:              {{invalid, vfs.KindInternal}},
		bloberror.MissingRequiredXMLNode:                     {{invalid, vfs.KindInternal}},
		bloberror.MultipleConditionHeadersNotSupported:       {{invalid, vfs.KindInternal}},
		bloberror.NoAuthenticationInformation:                {{401, vfs.KindUnavailable}},
		bloberror.NoPendingCopyOperation:                     {{conflict, vfs.KindConflict}},
		bloberror.OperationNotAllowedOnIncrementalCopyBlob:   {{conflict, vfs.KindUnsupported}},
		bloberror.OperationNotAllowedOnRootBlob:              {{invalid, vfs.KindUnsupported}},
		bloberror.OperationTimedOut:                          {{500, vfs.KindUnavailable}, {503, vfs.KindUnavailable}},
		bloberror.OutOfRangeInput:                            {{invalid, vfs.KindInvalid}},
		bloberror.OutOfRangeQueryParameterValue:              {{invalid, vfs.KindInternal}},
		bloberror.PendingCopyOperation:                       {{conflict, vfs.KindConflict}},
		bloberror.PreviousSnapshotCannotBeNewer:              {{invalid, vfs.KindInternal}},
		bloberror.PreviousSnapshotNotFound:                   {{conflict, vfs.KindInternal}},
		bloberror.PreviousSnapshotOperationNotSupported:      {{conflict, vfs.KindInternal}},
		bloberror.RequestBodyTooLarge:                        {{413, vfs.KindTooLarge}},
		bloberror.RequestURLFailedToParse:                    {{invalid, vfs.KindInvalid}},
		bloberror.ResourceAlreadyExists:                      {{conflict, vfs.KindExist}},
		bloberror.ResourceNotFound:                           {{404, vfs.KindUnavailable}},
		bloberror.ResourceTypeMismatch:                       {{conflict, vfs.KindUnsupported}},
		bloberror.SequenceNumberConditionNotMet:              {{unmet, vfs.KindConflict}},
		bloberror.SequenceNumberIncrementTooLarge:            {{conflict, vfs.KindInternal}},
		bloberror.ServerBusy:                                 {{503, vfs.KindUnavailable}},
		bloberror.SnapshotCountExceeded:                      {{conflict, vfs.KindUnsupported}},
		bloberror.SnapshotOperationRateExceeded:              {{conflict, vfs.KindUnavailable}},
		bloberror.SnapshotsPresent:                           {{conflict, vfs.KindLocked}},
		bloberror.SourceConditionNotMet:                      {{unmet, vfs.KindConflict}},
		bloberror.SystemInUse:                                {{conflict, vfs.KindUnavailable}},
		bloberror.TargetConditionNotMet:                      {{unmet, vfs.KindConflict}},
		bloberror.UnauthorizedBlobOverwrite:                  {{forbidden, vfs.KindUnavailable}},
		bloberror.UnsupportedHTTPVerb:                        {{405, vfs.KindInternal}},
		bloberror.UnsupportedHeader:                          {{invalid, vfs.KindInternal}},
		bloberror.UnsupportedQueryParameter:                  {{invalid, vfs.KindInternal}},
		bloberror.UnsupportedXMLNode:                         {{invalid, vfs.KindInternal}},
		bloberror.CannotVerifyCopySource: {
			{404, vfs.KindNotExist},
			{conflict, vfs.KindConflict},
			{unmet, vfs.KindConflict},
			{401, vfs.KindUnavailable},
			{forbidden, vfs.KindUnavailable},
			{500, vfs.KindUnavailable},
			{503, vfs.KindUnavailable},
		},
		azurecode.NoSharedKeys:                {{forbidden, vfs.KindUnavailable}},
		azurecode.NoPublicAccess:              {{conflict, vfs.KindUnavailable}},
		azurecode.Operation:                   {{conflict, vfs.KindUnsupported}},
		azurecode.Hierarchical:                {{conflict, vfs.KindUnsupported}},
		azurecode.AccountFeatures:             {{conflict, vfs.KindUnsupported}},
		azurecode.NotImplemented:              {{501, vfs.KindUnsupported}},
		azurecode.PathTooDeep:                 {{invalid, vfs.KindInvalid}},
		azurecode.PathExists:                  {{conflict, vfs.KindExist}},
		azurecode.PathNotFound:                {{404, vfs.KindNotExist}},
		azurecode.NotEmpty:                    {{conflict, vfs.KindNotEmpty}},
		azurecode.AzuriteStrict:               {{500, vfs.KindUnavailable}},
		azurecode.AzuriteFull:                 {{conflict, vfs.KindNoSpace}},
		"KeyVaultEncryptionKeyNotFound":       {{forbidden, vfs.KindUnavailable}},
		"KeyVaultAccessTokenCannotBeAcquired": {{forbidden, vfs.KindUnavailable}},
		"KeyVaultVaultNotFound":               {{forbidden, vfs.KindUnavailable}},
	}
	for code, rows := range want {
		for _, row := range rows {
			if _, _, known := azurecode.Kind(code, row.status); !known {
				t.Errorf("%s has no kind of its own", code)
			}
			if got := vfs.KindOf(fail(t.Context(), answer(row.status, code))); got != row.kind {
				t.Errorf("%d %s: kind %v, want %v", row.status, code, got, row.kind)
			}
		}
	}
	for _, code := range documented(t) {
		if want[code] == nil {
			t.Errorf("%s, which the SDK knows, is not in the table", code)
		}
	}
}

// documented are the codes for which the SDK has constants, out of its source.
func documented(t *testing.T) (all []bloberror.Code) {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "error_codes.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code += "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		all = append(all, bloberror.Code(m[1]))
	}
	if len(all) < 100 {
		t.Fatalf("only %d codes were found", len(all))
	}
	return all
}
