package azstub_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func id(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func ids(names ...string) (out []string) {
	for _, n := range names {
		out = append(out, id(n))
	}
	return out
}

func stage(t *testing.T, bb *blockblob.Client, name, content string) {
	t.Helper()
	if _, err := bb.StageBlock(t.Context(), id(name), body([]byte(content)), nil); err != nil {
		t.Fatalf("stage %q: %v", name, err)
	}
}

// blockList renders both block lists as the service gives them.
func blockList(t *testing.T, bb *blockblob.Client) string {
	t.Helper()
	r, err := bb.GetBlockList(t.Context(), blockblob.BlockListTypeAll, nil)
	wantNoError(t, err)
	var out []string
	for _, list := range [][]*blockblob.Block{r.CommittedBlocks, r.UncommittedBlocks} {
		var part []string
		for _, b := range list {
			raw, err := base64.StdEncoding.DecodeString(*b.Name)
			wantNoError(t, err)
			part = append(part, fmt.Sprintf("%s:%d", raw, *b.Size))
		}
		out = append(out, strings.Join(part, " "))
	}
	return strings.Join(out, "|")
}

func TestBlocksBecomeABlob(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	bb := c.NewBlockBlobClient("b")
	_, err := bb.GetBlockList(t.Context(), blockblob.BlockListTypeAll, nil)
	wantCode(t, err, 404, "BlobNotFound")
	stage(t, bb, "01", "one ")
	stage(t, bb, "02", "two ")
	stage(t, bb, "03", "three ")
	if got := blockList(t, bb); got != "|01:4 02:4 03:6" {
		t.Errorf("block lists %q", got)
	}
	_, err = bb.GetProperties(t.Context(), nil)
	wantCode(t, err, 404, "BlobNotFound")
	_, err = get(t.Context(), c, "b", nil)
	wantCode(t, err, 404, "BlobNotFound")

	first, err := bb.CommitBlockList(t.Context(), ids("02", "01", "02"), &blockblob.CommitBlockListOptions{
		Metadata: map[string]*string{"k": ptr("v")}, HTTPHeaders: &blob.HTTPHeaders{BlobContentType: ptr("text/x")},
	})
	wantNoError(t, err)
	wantContent(t, c, "b", "two one two ")
	if got := blockList(t, bb); got != "02:4 01:4 02:4|" {
		t.Errorf("a commit must discard the other blocks: %q", got)
	}

	// Append one block of another id length to the committed ones.
	stage(t, bb, "long", "more")
	second, err := bb.CommitBlockList(t.Context(), ids("02", "01", "02", "long"), &blockblob.CommitBlockListOptions{AccessConditions: ifMatch(*first.ETag)})
	wantNoError(t, err)
	wantContent(t, c, "b", "two one two more")
	if got, _ := s.Blob("files", "b"); len(got.Metadata) != 0 || got.Headers.ContentType == "text/x" {
		t.Errorf("a commit must replace metadata and headers: %+v", got)
	}

	stage(t, bb, "x", "lost")
	_, err = bb.CommitBlockList(t.Context(), ids("02", "x"), &blockblob.CommitBlockListOptions{AccessConditions: ifMatch(*first.ETag)})
	wantCode(t, err, 412, "ConditionNotMet")
	_, err = bb.CommitBlockList(t.Context(), ids("x"), &blockblob.CommitBlockListOptions{AccessConditions: ifNoneMatch(azcore.ETagAny)})
	wantCode(t, err, 409, "BlobAlreadyExists")
	_, err = bb.CommitBlockList(t.Context(), ids("02", "gone"), nil)
	wantCode(t, err, 400, "InvalidBlockList")
	if got := blockList(t, bb); got != "02:4 01:4 02:4 long:4|x:4" {
		t.Errorf("a failed commit must keep the blocks: %q", got)
	}
	if got, _ := s.Blob("files", "b"); azcore.ETag(got.ETag) != *second.ETag {
		t.Error("staging or a failed commit changed the ETag")
	}
}

func TestBlockRules(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{Limits: azstub.Limits{Blocks: 3, UncommittedBlocks: 4, BlockSize: 10, PutBlobSize: 12}})
	bb := c.NewBlockBlobClient("b")
	tooLong := strings.Repeat("x", 65)
	stageErr := func(blockID, content string) error {
		_, err := bb.StageBlock(t.Context(), blockID, body([]byte(content)), nil)
		return err
	}
	stage(t, bb, "01", "0123456789")
	for _, tc := range []struct {
		name, id, content string
		status            int
		code              string
	}{
		{"other length", id("123"), "x", 400, "InvalidBlobOrBlock"},
		{"not Base64", "###", "x", 400, "InvalidQueryParameterValue"},
		{"no id", "", "x", 400, "MissingRequiredQueryParameter"},
		{"id too long", id(tooLong), "x", 400, "OutOfRangeInput"},
		{"block too large", id("02"), "01234567890", 413, "RequestBodyTooLarge"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantCode(t, stageErr(tc.id, tc.content), tc.status, tc.code) })
	}
	for _, n := range []string{"02", "03", "04", "04"} {
		stage(t, bb, n, n)
	}
	wantCode(t, stageErr(id("05"), "x"), 409, "BlockCountExceedsLimit")
	_, err := bb.CommitBlockList(t.Context(), ids("01", "02", "03", "04"), nil)
	wantCode(t, err, 400, "BlockListTooLong")
	_, err = bb.Upload(t.Context(), body(make([]byte, 13)), nil)
	wantCode(t, err, 413, "RequestBodyTooLarge")
	_, err = bb.Upload(t.Context(), body(nil), &blockblob.UploadOptions{AccessConditions: ifNoneMatch(azcore.ETagAny)})
	wantCode(t, err, 409, "BlobAlreadyExists")

	put(t, c, "b", "whole")
	if got := blockList(t, bb); got != "|" {
		t.Errorf("after Put Blob the block lists must be empty: %q", got)
	}
	stage(t, bb, "123", "x")
	_, err = bb.Delete(t.Context(), nil)
	wantNoError(t, err)
	if _, ok := s.Blob("files", "b"); ok {
		t.Error("delete left blocks")
	}
	stage(t, bb, "1", "x")
	_, err = bb.Delete(t.Context(), nil)
	wantNoError(t, err)
	_, err = bb.CommitBlockList(t.Context(), nil, nil)
	wantNoError(t, err)
	wantContent(t, c, "b", "")

	wantNoError(t, s.Place("files", "log", azstub.Blob{Type: "AppendBlob", Content: []byte("x")}))
	_, err = c.NewBlockBlobClient("log").StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
	wantCode(t, err, 409, "InvalidBlobType")
}

// TestOnlyOneWins lets many writers create the same blob at once.
func TestOnlyOneWins(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	var wg sync.WaitGroup
	won := make(chan int, 16)
	for i := range 16 {
		wg.Go(func() {
			_, err := c.NewBlockBlobClient("one").Upload(t.Context(), body([]byte{byte(i)}), &blockblob.UploadOptions{AccessConditions: ifNoneMatch(azcore.ETagAny)})
			if err == nil {
				won <- i
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d writers won", len(won))
	}
	wantContent(t, c, "one", string([]byte{byte(<-won)}))
}

func TestPlacedBlocks(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	blocks := []azstub.Block{{ID: id("1"), Size: 2}, {ID: id("2"), Size: 3}}
	wantNoError(t, s.Place("files", "p", azstub.Blob{Content: []byte("abcde"), Blocks: blocks}))
	if got := blockList(t, c.NewBlockBlobClient("p")); got != "1:2 2:3|" {
		t.Errorf("block lists %q", got)
	}
	_, err := c.NewBlockBlobClient("p").CommitBlockList(t.Context(), ids("2", "1"), nil)
	wantNoError(t, err)
	wantContent(t, c, "p", "cdeab")
	got, _ := s.Blob("files", "p")
	if diff := cmp.Diff([]azstub.Block{blocks[1], blocks[0]}, got.Blocks); diff != "" {
		t.Error(diff)
	}
	if s.Place("files", "p", azstub.Blob{Content: []byte("abcd"), Blocks: blocks}) == nil {
		t.Error("blocks longer than the content were accepted")
	}
	if s.Place("files", "p", azstub.Blob{Content: []byte("abcdef"), Blocks: blocks}) == nil {
		t.Error("blocks shorter than the content were accepted")
	}
}

func TestFromURL(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	put(t, c, "dir/source", "0123456789")
	plain := c.NewBlobClient("dir/source").URL()
	signed, err := c.NewBlobClient("dir/source").GetSASURL(sas.BlobPermissions{Read: true}, s2099, nil)
	wantNoError(t, err)
	bb := c.NewBlockBlobClient("dst")
	_, err = bb.StageBlockFromURL(t.Context(), id("1"), plain, nil)
	wantCode(t, err, 401, "CannotVerifyCopySource")
	_, err = bb.StageBlockFromURL(t.Context(), id("1"), signed, &blockblob.StageBlockFromURLOptions{Range: blob.HTTPRange{Offset: 2, Count: 3}})
	wantNoError(t, err)
	stage(t, bb, "2", "!")
	_, err = bb.CommitBlockList(t.Context(), ids("1", "2"), nil)
	wantNoError(t, err)
	wantContent(t, c, "dst", "234!")
	_, err = c.NewBlockBlobClient("whole").UploadBlobFromURL(t.Context(), signed, nil)
	wantNoError(t, err)
	wantContent(t, c, "whole", "0123456789")
}
