package azstub_test

import (
	"crypto/md5"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/go-cmp/cmp"
	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func TestPutReplacesEverything(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	bb := c.NewBlockBlobClient("a/b")
	first, err := bb.Upload(t.Context(), body([]byte("one")), &blockblob.UploadOptions{
		Metadata:    map[string]*string{"MTime": ptr("1.5"), "zz": ptr("x y%20")},
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: ptr("text/plain"), BlobCacheControl: ptr("no-store")},
	})
	wantNoError(t, err)
	if sum := md5.Sum([]byte("one")); string(first.ContentMD5) != string(sum[:]) {
		t.Errorf("MD5 %x", first.ContentMD5)
	}
	got, ok := s.Blob("files", "a/b")
	if !ok {
		t.Fatal("not stored")
	}
	if diff := cmp.Diff(map[string]string{"MTime": "1.5", "zz": "x y%20"}, got.Metadata); diff != "" {
		t.Error(diff)
	}
	p, err := bb.GetProperties(t.Context(), nil)
	wantNoError(t, err)
	if *p.ContentType != "text/plain" || *p.CacheControl != "no-store" || *p.ContentLength != 3 || *p.ETag != *first.ETag {
		t.Errorf("properties: %+v", p)
	}
	second := put(t, c, "a/b", "second")
	if *second.ETag == *first.ETag {
		t.Error("the ETag did not change")
	}
	p, err = bb.GetProperties(t.Context(), nil)
	wantNoError(t, err)
	if len(p.Metadata) != 0 || p.CacheControl != nil || *p.ContentLength != 6 {
		t.Errorf("properties after the second put: %+v", p)
	}
	wantContent(t, c, "a/b", "second")
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	data := []byte(strings.Repeat("checksum ", 1000))
	sum, crc := md5.Sum(data), crc64nvme.Checksum(data)
	wrong := sum
	wrong[0]++
	for _, tc := range []struct {
		name string
		with blob.TransferValidationType
		code string
	}{
		{"no checksum sent, CRC64 told", nil, ""},
		{"right CRC64", blob.TransferValidationTypeCRC64(crc), ""},
		{"wrong CRC64", blob.TransferValidationTypeCRC64(crc + 1), "Crc64Mismatch"},
		{"CRC64 by the SDK", blob.TransferValidationTypeComputeCRC64(), ""},
		{"right MD5", blob.TransferValidationTypeMD5(sum[:]), ""},
		{"wrong MD5", blob.TransferValidationTypeMD5(wrong[:]), "Md5Mismatch"},
		{"structured message", blob.TransferValidationTypeComputeStructuredMessageCRC64(0), "UnsupportedHeader"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bb := c.NewBlockBlobClient("sum")
			up, err := bb.Upload(t.Context(), body(data), &blockblob.UploadOptions{TransactionalValidation: tc.with})
			st, err2 := bb.StageBlock(t.Context(), "QUFB", body(data), &blockblob.StageBlockOptions{TransactionalValidation: tc.with})
			if tc.code != "" {
				wantCode(t, err, 400, tc.code)
				wantCode(t, err2, 400, tc.code)
				return
			}
			wantNoError(t, err)
			wantNoError(t, err2)
			if strings.Contains(tc.name, "CRC64") && (len(up.ContentCRC64) != 8 || len(st.ContentCRC64) != 8) {
				t.Error("CRC64 not returned")
			}
			if strings.Contains(tc.name, "MD5") && len(st.ContentMD5) != 16 {
				t.Error("MD5 not returned")
			}
		})
	}
	t.Run("blob MD5 of a Put Blob is verified", func(t *testing.T) {
		_, err := c.NewBlockBlobClient("sum").Upload(t.Context(), body(data), &blockblob.UploadOptions{
			HTTPHeaders: &blob.HTTPHeaders{BlobContentMD5: wrong[:]},
		})
		wantCode(t, err, 400, "Md5Mismatch")
	})
}

func TestRanges(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	put(t, c, "ten", "0123456789")
	put(t, c, "empty", "")
	for _, tc := range []struct {
		name       string
		blob       string
		off, count int64
		want, code string
	}{
		{"middle", "ten", 3, 4, "3456", ""},
		{"to the end", "ten", 7, 0, "789", ""},
		{"beyond the end", "ten", 8, 100, "89", ""},
		{"at the end", "ten", 10, 0, "", "InvalidRange"},
		{"after the end", "ten", 11, 5, "", "InvalidRange"},
		{"of nothing", "empty", 0, 1, "", "InvalidRange"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := get(t.Context(), c, tc.blob, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: tc.off, Count: tc.count}})
			if tc.code != "" {
				wantCode(t, err, 416, tc.code)
				return
			}
			wantNoError(t, err)
			if string(got) != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	t.Run("checksum of a range", func(t *testing.T) {
		r, err := c.NewBlobClient("ten").DownloadStream(t.Context(), &blob.DownloadStreamOptions{
			Range: blob.HTTPRange{Offset: 2, Count: 3}, RangeGetContentMD5: ptr(true),
		})
		wantNoError(t, err)
		defer r.Body.Close()
		if sum := md5.Sum([]byte("234")); string(r.ContentMD5) != string(sum[:]) {
			t.Errorf("MD5 %x", r.ContentMD5)
		}
		if deref(r.ContentRange) != "bytes 2-4/10" {
			t.Errorf("Content-Range %q", deref(r.ContentRange))
		}
	})
}

func TestConditions(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	old := *put(t, c, "there", "old").ETag
	now := *put(t, c, "there", "new").ETag
	upload := func(name string, ac *blob.AccessConditions) error {
		_, err := c.NewBlockBlobClient(name).Upload(t.Context(), body([]byte("new")), &blockblob.UploadOptions{AccessConditions: ac})
		return err
	}
	t.Run("create only", func(t *testing.T) {
		wantCode(t, upload("there", ifNoneMatch(azcore.ETagAny)), 409, "BlobAlreadyExists")
		wantNoError(t, upload("fresh", ifNoneMatch(azcore.ETagAny)))
	})
	t.Run("replace only", func(t *testing.T) {
		wantCode(t, upload("there", ifMatch(old)), 412, "ConditionNotMet")
		wantCode(t, upload("missing", ifMatch(azcore.ETagAny)), 412, "ConditionNotMet")
		wantCode(t, upload("missing", ifMatch(now)), 412, "ConditionNotMet")
		wantNoError(t, upload("there", ifMatch(now)))
	})
	now = *put(t, c, "there", "new").ETag
	t.Run("read", func(t *testing.T) {
		_, err := get(t.Context(), c, "there", &blob.DownloadStreamOptions{AccessConditions: ifMatch(old)})
		wantCode(t, err, 412, "ConditionNotMet")
		_, err = get(t.Context(), c, "there", &blob.DownloadStreamOptions{AccessConditions: ifMatch(now)})
		wantNoError(t, err)
		_, err = c.NewBlobClient("there").GetProperties(t.Context(), &blob.GetPropertiesOptions{AccessConditions: ifNoneMatch(now)})
		wantCode(t, err, 304, "ConditionNotMet")
		_, err = c.NewBlobClient("missing").GetProperties(t.Context(), &blob.GetPropertiesOptions{AccessConditions: ifMatch(now)})
		wantCode(t, err, 404, "BlobNotFound")
	})
	t.Run("read unless the same", func(t *testing.T) {
		// The SDK reports this as a response without an error and without a body.
		r, err := c.NewBlobClient("there").DownloadStream(t.Context(), &blob.DownloadStreamOptions{AccessConditions: ifNoneMatch(now)})
		wantNoError(t, err)
		if r.Body != nil || deref(r.ErrorCode) != "ConditionNotMet" {
			t.Errorf("body %v, code %q", r.Body, deref(r.ErrorCode))
		}
		_, err = get(t.Context(), c, "there", &blob.DownloadStreamOptions{AccessConditions: ifNoneMatch(old)})
		wantNoError(t, err)
	})
	t.Run("delete", func(t *testing.T) {
		_, err := c.NewBlobClient("there").Delete(t.Context(), &blob.DeleteOptions{AccessConditions: ifMatch(old)})
		wantCode(t, err, 412, "ConditionNotMet")
		_, err = c.NewBlobClient("there").Delete(t.Context(), &blob.DeleteOptions{AccessConditions: ifMatch(now)})
		wantNoError(t, err)
		_, err = c.NewBlobClient("there").Delete(t.Context(), nil)
		wantCode(t, err, 404, "BlobNotFound")
	})
}
