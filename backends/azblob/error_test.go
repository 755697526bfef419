package azblob

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

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
		{"wrong key", live, answer(403, bloberror.AuthenticationFailed), vfs.KindPermission, ""},
		{"SAS lacks a permission", live, answer(403, bloberror.AuthorizationPermissionMismatch), vfs.KindPermission, ""},
		{"role is missing", live, answer(403, bloberror.AuthorizationFailure), vfs.KindPermission, ""},
		{"no credential", live, answer(401, bloberror.NoAuthenticationInformation), vfs.KindPermission, ""},
		{"exists", live, answer(409, bloberror.BlobAlreadyExists), vfs.KindExist, ""},
		{"changed", live, answer(412, bloberror.ConditionNotMet), vfs.KindConflict, ""},
		{"source changed", live, answer(412, bloberror.SourceConditionNotMet), vfs.KindConflict, ""},
		{"not modified", live, answer(304, ""), vfs.KindConflict, ""},
		{"another writer committed", live, answer(400, bloberror.InvalidBlockList), vfs.KindConflict, ""},
		{"a copy goes on", live, answer(409, bloberror.PendingCopyOperation), vfs.KindConflict, ""},
		{"archived", live, answer(409, bloberror.BlobArchived), vfs.KindLocked, reasonArchived},
		{"rehydrating", live, answer(409, bloberror.BlobBeingRehydrated), vfs.KindLocked, reasonRehydrating},
		{"leased", live, answer(412, bloberror.LeaseIDMissing), vfs.KindLocked, reasonLeased},
		{"immutable", live, answer(409, bloberror.BlobImmutableDueToPolicy), vfs.KindLocked, reasonImmutable},
		{"snapshots", live, answer(409, bloberror.SnapshotsPresent), vfs.KindLocked, reasonSnapshots},
		{"other type of blob", live, answer(409, bloberror.InvalidBlobType), vfs.KindUnsupported, reasonType},
		{"too large", live, answer(413, bloberror.RequestBodyTooLarge), vfs.KindTooLarge, ""},
		{"too many blocks", live, answer(409, bloberror.BlockCountExceedsLimit), vfs.KindTooLarge, ""},
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
