package azstub_test

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestOneSum: a body comes with one checksum, in its full length.
func TestOneSum(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{Auth: azstub.NoAuth})
	bb := c.NewBlockBlobClient("b")
	sum := md5.Sum([]byte("x"))
	crc := blob.TransferValidationTypeCRC64(crc64nvme.Checksum([]byte("x")))
	contentMD5 := http.Header{"Content-MD5": {base64.StdEncoding.EncodeToString(sum[:])}}
	for name, header := range map[string]http.Header{"Crc64Mismatch": {}, "InvalidHeaderValue": {}} {
		raw := make([]byte, 9)
		if name == "InvalidHeaderValue" {
			raw = raw[:7]
		}
		header.Set("x-ms-content-crc64", base64.StdEncoding.EncodeToString(raw))
		_, err := bb.Upload(policy.WithHTTPHeader(t.Context(), header), body([]byte("x")), nil)
		wantCode(t, err, 400, name)
	}
	_, err := bb.Upload(policy.WithHTTPHeader(t.Context(), contentMD5), body([]byte("x")), &blockblob.UploadOptions{TransactionalValidation: crc})
	wantCode(t, err, 400, "BothCrc64AndMd5HeaderPresent")
	_, err = bb.StageBlock(policy.WithHTTPHeader(t.Context(), contentMD5), id("1"), body([]byte("x")), &blockblob.StageBlockOptions{TransactionalValidation: crc})
	wantCode(t, err, 400, "BothCrc64AndMd5HeaderPresent")
	headers := &blob.HTTPHeaders{BlobContentMD5: sum[:]}
	_, err = bb.Upload(t.Context(), body([]byte("x")), &blockblob.UploadOptions{TransactionalValidation: crc, HTTPHeaders: headers})
	wantCode(t, err, 400, "BothCrc64AndMsMd5HeaderPresent")
	_, err = bb.StageBlock(t.Context(), id("1"), body(nil), nil)
	wantCode(t, err, 400, "InvalidHeaderValue")
}

// TestTypeStays: no request replaces a blob of another type.
func TestTypeStays(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "other", "other")
	for _, kind := range []string{"AppendBlob", "PageBlob"} {
		wantNoError(t, s.Place("files", "b", azstub.Blob{Type: kind, Content: []byte("x")}))
		bb := c.NewBlockBlobClient("b")
		_, err := bb.Upload(t.Context(), body(nil), nil)
		wantCode(t, err, 409, "InvalidBlobType")
		_, err = bb.StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
		wantCode(t, err, 409, "InvalidBlobType")
		_, err = bb.CommitBlockList(t.Context(), nil, nil)
		wantCode(t, err, 409, "InvalidBlobType")
		_, err = bb.StartCopyFromURL(t.Context(), c.NewBlobClient("other").URL(), nil)
		wantCode(t, err, 409, "InvalidBlobType")
		_, err = c.NewBlobClient("other").StartCopyFromURL(t.Context(), bb.URL(), nil)
		wantCode(t, err, 409, "InvalidBlobType")
		_, err = c.NewBlobClient("copy of "+kind).StartCopyFromURL(t.Context(), bb.URL(), nil)
		wantNoError(t, err)
		wantContent(t, c, "b", "x")
	}
}

// TestTierStays: what is overwritten passes its tier on, unless another is given.
func TestTierStays(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "other", "other")
	bb := c.NewBlockBlobClient("b")
	for name, overwrite := range map[string]func(tier *blob.AccessTier) error{
		"Put Blob": func(tier *blob.AccessTier) error {
			_, err := bb.Upload(t.Context(), body(nil), &blockblob.UploadOptions{Tier: tier})
			return err
		},
		"Put Block List": func(tier *blob.AccessTier) error {
			_, err := bb.CommitBlockList(t.Context(), nil, &blockblob.CommitBlockListOptions{Tier: tier})
			return err
		},
		"Copy Blob": func(tier *blob.AccessTier) error {
			_, err := bb.StartCopyFromURL(t.Context(), c.NewBlobClient("other").URL(), &blob.StartCopyFromURLOptions{Tier: tier})
			return err
		},
	} {
		wantNoError(t, s.Place("files", "b", azstub.Blob{Content: []byte("x"), Tier: "Cool"}))
		wantNoError(t, overwrite(nil))
		if got, _ := s.Blob("files", "b"); got.Tier != "Cool" {
			t.Errorf("%s: tier %q, want that of what was there", name, got.Tier)
		}
		wantNoError(t, overwrite(ptr(blob.AccessTierCold)))
		if got, _ := s.Blob("files", "b"); got.Tier != "Cold" {
			t.Errorf("%s: tier %q, want the one that was given", name, got.Tier)
		}
	}
}

// TestNoBlocksForLocked: a blob that may not be replaced refuses blocks too.
func TestNoBlocksForLocked(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	for code, b := range map[string]azstub.Blob{
		"BlobArchived":             {Content: []byte("x"), Tier: "Archive"},
		"BlobImmutableDueToPolicy": {Content: []byte("x"), Immutable: true},
	} {
		wantNoError(t, s.Place("files", "b", b))
		_, err := c.NewBlockBlobClient("b").StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
		wantCode(t, err, 409, code)
	}
}

// TestConditionsTogether: one condition, or a pair that is documented.
func TestConditionsTogether(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{Auth: azstub.NoAuth})
	r := put(t, c, "b", "x")
	const past, future = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
	match, noneMatch := http.Header{"If-Match": {string(*r.ETag)}}, http.Header{"If-None-Match": {`"other"`}}
	modified, unmodified := http.Header{"If-Modified-Since": {past}}, http.Header{"If-Unmodified-Since": {future}}
	for _, tc := range []struct {
		name  string
		both  [2]http.Header
		taken bool
	}{
		{"If-Match and If-Unmodified-Since", [2]http.Header{match, unmodified}, true},
		{"If-None-Match and If-Modified-Since", [2]http.Header{noneMatch, modified}, true},
		{"If-Match and If-None-Match", [2]http.Header{match, noneMatch}, false},
		{"If-Match and If-Modified-Since", [2]http.Header{match, modified}, false},
		{"If-None-Match and If-Unmodified-Since", [2]http.Header{noneMatch, unmodified}, false},
		{"If-Modified-Since and If-Unmodified-Since", [2]http.Header{modified, unmodified}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := http.Header{}
			for _, one := range tc.both {
				for k, v := range one {
					h[k] = v
				}
			}
			_, err := c.NewBlobClient("b").GetProperties(policy.WithHTTPHeader(t.Context(), h), nil)
			if tc.taken {
				wantNoError(t, err)
				return
			}
			// (The answer to a HEAD has the code in a header.)
			wantCode(t, err, 400, "MultipleConditionHeadersNotSupported")
		})
	}
}
