package azstub_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	src := c.NewBlockBlobClient("a dir/quelle 100%/ü")
	stage(t, src, "1", "content")
	made, err := src.CommitBlockList(t.Context(), ids("1"), &blockblob.CommitBlockListOptions{
		Metadata: map[string]*string{"mtime": ptr("7")}, HTTPHeaders: &blob.HTTPHeaders{BlobContentType: ptr("text/x")},
	})
	wantNoError(t, err)
	dst := c.NewBlobClient("dst")

	t.Run("takes everything along", func(t *testing.T) {
		r, err := dst.StartCopyFromURL(t.Context(), src.URL(), nil)
		wantNoError(t, err)
		if *r.CopyStatus != blob.CopyStatusTypeSuccess || deref(r.CopyID) == "" {
			t.Errorf("copy %+v", r)
		}
		got, _ := s.Blob("files", "dst")
		want, _ := s.Blob("files", "a dir/quelle 100%/ü")
		if got.ETag == want.ETag {
			t.Error("same ETag")
		}
		got.ETag, want.ETag = "", ""
		got.Modified = want.Modified
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("with other metadata, onto itself", func(t *testing.T) {
		_, err := dst.StartCopyFromURL(t.Context(), dst.URL(), &blob.StartCopyFromURLOptions{Metadata: map[string]*string{"new": ptr("1")}})
		wantNoError(t, err)
		got, _ := s.Blob("files", "dst")
		if diff := cmp.Diff(map[string]string{"new": "1"}, got.Metadata); diff != "" || string(got.Content) != "content" {
			t.Error(diff, string(got.Content))
		}
	})
	t.Run("conditions", func(t *testing.T) {
		_, err := dst.StartCopyFromURL(t.Context(), src.URL(), &blob.StartCopyFromURLOptions{AccessConditions: ifNoneMatch(azcore.ETagAny)})
		wantCode(t, err, 409, "BlobAlreadyExists")
		_, err = dst.StartCopyFromURL(t.Context(), src.URL(), &blob.StartCopyFromURLOptions{AccessConditions: ifMatch(*made.ETag)})
		wantCode(t, err, 412, "TargetConditionNotMet")
		source := func(tag azcore.ETag) *blob.StartCopyFromURLOptions {
			return &blob.StartCopyFromURLOptions{SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: &tag}}
		}
		_, err = dst.StartCopyFromURL(t.Context(), src.URL(), source("0x1"))
		wantCode(t, err, 412, "SourceConditionNotMet")
		_, err = dst.StartCopyFromURL(t.Context(), src.URL(), source(*made.ETag))
		wantNoError(t, err)
	})
	t.Run("sources that are not there", func(t *testing.T) {
		_, err := dst.StartCopyFromURL(t.Context(), c.NewBlobClient("missing").URL(), nil)
		wantCode(t, err, 404, "BlobNotFound")
		_, err = dst.StartCopyFromURL(t.Context(), s.URL()+"/nowhere/x", nil)
		wantCode(t, err, 404, "ContainerNotFound")
		_, err = dst.StartCopyFromURL(t.Context(), "https://other.blob.core.windows.net/c/x", nil)
		wantCode(t, err, 404, "CannotVerifyCopySource")
	})
	t.Run("synchronous", func(t *testing.T) {
		r, err := dst.CopyFromURL(t.Context(), src.URL(), nil)
		wantNoError(t, err)
		if deref(r.CopyStatus) != "success" {
			t.Errorf("status %q", deref(r.CopyStatus))
		}
		wantContent(t, c, "dst", "content")
	})
}

func TestPendingCopy(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "src", "content")
	src := c.NewBlobClient("src").URL()
	status := func(t *testing.T, name string) (blob.CopyStatusType, azcore.ETag) {
		t.Helper()
		p, err := c.NewBlobClient(name).GetProperties(t.Context(), nil)
		wantNoError(t, err)
		return *p.CopyStatus, *p.ETag
	}
	begin := func(t *testing.T, name string, plan azstub.CopyPlan) blob.StartCopyFromURLResponse {
		t.Helper()
		s.SetCopyPlan(func(azstub.CopyRequest) azstub.CopyPlan { return plan })
		r, err := c.NewBlobClient(name).StartCopyFromURL(t.Context(), src, nil)
		wantNoError(t, err)
		if *r.CopyStatus != blob.CopyStatusTypePending {
			t.Fatalf("status %s", *r.CopyStatus)
		}
		return r
	}
	t.Run("succeeds", func(t *testing.T) {
		r := begin(t, "slow", azstub.CopyPlan{Polls: 2})
		wantContent(t, c, "slow", "") // until then
		_, err := c.NewBlockBlobClient("slow").Upload(t.Context(), body(nil), nil)
		wantCode(t, err, 409, "PendingCopyOperation")
		_, err = c.NewBlobClient("slow").Delete(t.Context(), nil)
		wantCode(t, err, 409, "PendingCopyOperation")
		for i, want := range []blob.CopyStatusType{"pending", "pending", "success", "success"} {
			got, tag := status(t, "slow")
			if got != want {
				t.Errorf("poll %d: %s, want %s", i, got, want)
			}
			if (tag == *r.ETag) != (want == "pending") {
				t.Errorf("poll %d: ETag %s after %s", i, tag, *r.ETag)
			}
		}
		wantContent(t, c, "slow", "content")
	})
	t.Run("fails", func(t *testing.T) {
		begin(t, "bad", azstub.CopyPlan{Polls: 1, Fail: true})
		if got, _ := status(t, "bad"); got != "pending" {
			t.Errorf("status %s", got)
		}
		if got, _ := status(t, "bad"); got != "failed" {
			t.Errorf("status %s", got)
		}
		wantContent(t, c, "bad", "")
	})
	t.Run("is aborted", func(t *testing.T) {
		r := begin(t, "stop", azstub.CopyPlan{Polls: -1})
		b := c.NewBlobClient("stop")
		_, err := b.AbortCopyFromURL(t.Context(), "other", nil)
		wantCode(t, err, 409, "CopyIdMismatch")
		_, err = b.AbortCopyFromURL(t.Context(), *r.CopyID, nil)
		wantNoError(t, err)
		if got, _ := status(t, "stop"); got != "aborted" {
			t.Errorf("status %s", got)
		}
		_, err = b.AbortCopyFromURL(t.Context(), *r.CopyID, nil)
		wantCode(t, err, 409, "NoPendingCopyOperation")
		_, err = b.Delete(t.Context(), nil)
		wantNoError(t, err)
	})
}
