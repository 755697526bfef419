package azstub_test

import (
	"context"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// token is a credential that hands out a bearer token.
type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "opaque", ExpiresOn: s2099}, nil
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	for _, mode := range []azstub.AuthMode{azstub.CheckAuth, azstub.OnlySharedKey, azstub.NoAuth} {
		s, right := start(t, azstub.Options{TLS: true, Auth: mode})
		put(t, right, "b", "x")
		o := clientOptions(t, s)
		url := s.URL() + "/files"
		wrongKey, err := container.NewSharedKeyCredential(azstub.DevAccount, "d3Jvbmc=")
		wantNoError(t, err)
		wrong, err := container.NewClientWithSharedKeyCredential(url, wrongKey, o)
		wantNoError(t, err)
		anonymous, err := container.NewClientWithNoCredential(url, o)
		wantNoError(t, err)
		bearer, err := container.NewClient(url, token{}, o)
		wantNoError(t, err)
		signed := func(until time.Time) *container.Client {
			u, err := right.GetSASURL(sas.ContainerPermissions{Read: true}, until, &container.GetSASURLOptions{StartTime: ptr(until.AddDate(-90, 0, 0))})
			wantNoError(t, err)
			c, err := container.NewClientWithNoCredential(u, o)
			wantNoError(t, err)
			return c
		}
		for _, tc := range []struct {
			name   string
			client *container.Client
			as     azstub.Auth
			code   [3]string // by mode; empty: let in
		}{
			{"right key", right, azstub.SharedKey, [3]string{}},
			{"wrong key", wrong, azstub.SharedKey, [3]string{"AuthenticationFailed", "AuthenticationFailed", ""}},
			{"anonymous", anonymous, azstub.Anonymous, [3]string{"NoAuthenticationInformation", "NoAuthenticationInformation", ""}},
			{"bearer", bearer, azstub.Bearer, [3]string{"", "AuthenticationFailed", ""}},
			{"SAS", signed(s2099), azstub.SAS, [3]string{"", "AuthenticationFailed", ""}},
			{"expired SAS", signed(time.Unix(1e9, 0)), azstub.SAS, [3]string{"AuthenticationFailed", "AuthenticationFailed", ""}},
		} {
			t.Run(map[azstub.AuthMode]string{azstub.CheckAuth: "check", azstub.OnlySharedKey: "only key", azstub.NoAuth: "none"}[mode]+"/"+tc.name, func(t *testing.T) {
				seq := s.Seq()
				_, err := tc.client.NewBlobClient("b").GetProperties(t.Context(), nil)
				if code := tc.code[mode]; code == "" {
					wantNoError(t, err)
				} else {
					wantCode(t, err, map[string]int{"AuthenticationFailed": 403, "NoAuthenticationInformation": 401}[code], code)
				}
				if got := s.Requests(seq)[0].Auth; got != tc.as {
					t.Errorf("recognised as %s", got)
				}
			})
		}
	}
}

// TestSignedHeaders sends headers whose order in the signature is not that of
// their bytes.
func TestSignedHeaders(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	_, err := c.NewBlockBlobClient("a b/+%").Upload(t.Context(), body([]byte("x")), &blockblob.UploadOptions{
		Metadata: map[string]*string{"a_b": ptr("1"), "a1": ptr("2"), "ab": ptr("3"), "aB_": ptr("4"), "a_": ptr("")},
		HTTPHeaders: &blob.HTTPHeaders{
			BlobContentType: ptr("a/b"), BlobContentEncoding: ptr("gzip"), BlobContentLanguage: ptr("de"),
			BlobContentDisposition: ptr("inline"), BlobCacheControl: ptr("no-cache"),
		},
		Tier: ptr(blob.AccessTierCool),
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{
			IfNoneMatch: ptr(azcore.ETag(`"0x1"`)), IfModifiedSince: ptr(time.Unix(1e9, 0)),
		}},
	})
	wantNoError(t, err)
	_, err = c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: ptr("a b/+&="), Include: container.ListBlobsInclude{Metadata: true, Copy: true, Snapshots: true},
	}).NextPage(t.Context())
	wantNoError(t, err)
}
