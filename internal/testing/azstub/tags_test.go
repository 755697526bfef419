package azstub_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func TestTags(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{Auth: azstub.NoAuth})
	bb := c.NewBlockBlobClient("b")
	want := func(name string, tags map[string]string) {
		t.Helper()
		r, err := c.NewBlobClient(name).GetTags(t.Context(), nil)
		wantNoError(t, err)
		got := map[string]string{}
		for _, tag := range r.BlobTagSet {
			got[*tag.Key] = *tag.Value
		}
		if diff := cmp.Diff(tags, got); diff != "" {
			t.Error(diff)
		}
		p, err := c.NewBlobClient(name).GetProperties(t.Context(), nil)
		wantNoError(t, err)
		if n := deref(p.TagCount); n != int64(len(tags)) {
			t.Errorf("%d tags are told, want %d", n, len(tags))
		}
	}
	first, err := bb.Upload(t.Context(), body([]byte("x")), &blockblob.UploadOptions{Tags: map[string]string{"a": "1", "b": "2:+"}})
	wantNoError(t, err)
	want("b", map[string]string{"a": "1", "b": "2:+"})
	_, err = bb.SetTags(t.Context(), map[string]string{"c d": "3 4"}, nil)
	wantNoError(t, err)
	want("b", map[string]string{"c d": "3 4"})
	if got, _ := s.Blob("files", "b"); got.ETag != string(*first.ETag) {
		t.Error("tags changed the ETag")
	}
	_, err = bb.SetMetadata(t.Context(), nil, nil)
	wantNoError(t, err)
	want("b", map[string]string{"c d": "3 4"})

	// Neither a copy nor a commit takes tags over.
	_, err = c.NewBlobClient("copy").StartCopyFromURL(t.Context(), bb.URL(), nil)
	wantNoError(t, err)
	want("copy", map[string]string{})
	_, err = c.NewBlobClient("copy").StartCopyFromURL(t.Context(), bb.URL(), &blob.StartCopyFromURLOptions{BlobTags: map[string]string{"e": ""}})
	wantNoError(t, err)
	want("copy", map[string]string{"e": ""})
	stage(t, bb, "1", "x")
	_, err = bb.CommitBlockList(t.Context(), ids("1"), nil)
	wantNoError(t, err)
	want("b", map[string]string{})

	_, err = bb.SetTags(t.Context(), map[string]string{"a!": ""}, nil)
	wantCode(t, err, 400, "InvalidTags")
	many := map[string]string{}
	for i := range 11 {
		many[string(rune('a'+i))] = ""
	}
	_, err = bb.Upload(t.Context(), body(nil), &blockblob.UploadOptions{Tags: many})
	wantCode(t, err, 400, "InvalidTags")
	_, err = bb.Upload(policy.WithHTTPHeader(t.Context(), map[string][]string{"X-Ms-Tags": {"a=%zz"}}), body(nil), nil)
	wantCode(t, err, 400, "InvalidHeaderValue")
	_, err = c.NewBlobClient("missing").GetTags(t.Context(), nil)
	wantCode(t, err, 404, "BlobNotFound")
}
