package azstub_test

import (
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// refused runs every operation that changes the blob "b" and wants the same
// answer from all.
func refused(t *testing.T, c *container.Client, status int, code string) {
	t.Helper()
	bb := c.NewBlockBlobClient("b")
	for name, op := range map[string]func() error{
		"Put Blob":       func() error { _, err := bb.Upload(t.Context(), body(nil), nil); return err },
		"Put Block List": func() error { _, err := bb.CommitBlockList(t.Context(), nil, nil); return err },
		"Set Metadata":   func() error { _, err := bb.SetMetadata(t.Context(), nil, nil); return err },
		"Set Properties": func() error { _, err := bb.SetHTTPHeaders(t.Context(), blob.HTTPHeaders{}, nil); return err },
		"Copy Blob": func() error {
			_, err := bb.StartCopyFromURL(t.Context(), c.NewBlobClient("other").URL(), nil)
			return err
		},
		"Copy From URL": func() error { _, err := bb.CopyFromURL(t.Context(), c.NewBlobClient("other").URL(), nil); return err },
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, op(), status, code) })
	}
}

func TestMetadataAndProperties(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	s, c := start(t, azstub.Options{Clock: func() time.Time { return now }})
	b := c.NewBlobClient("b")
	tag := *put(t, c, "b", "x").ETag
	now = now.Add(time.Minute)
	r, err := b.SetMetadata(t.Context(), map[string]*string{"One": ptr("1")}, &blob.SetMetadataOptions{AccessConditions: ifMatch(tag)})
	wantNoError(t, err)
	if *r.ETag == tag || !r.LastModified.Equal(now.Truncate(time.Second)) {
		t.Errorf("ETag %s, Last-Modified %s", *r.ETag, r.LastModified)
	}
	_, err = b.SetHTTPHeaders(t.Context(), blob.HTTPHeaders{BlobContentType: ptr("a/b"), BlobContentMD5: make([]byte, 16)}, nil)
	wantNoError(t, err)
	got, _ := s.Blob("files", "b")
	if diff := cmp.Diff(azstub.Headers{ContentType: "a/b", ContentMD5: make([]byte, 16)}, got.Headers) + cmp.Diff(map[string]string{"One": "1"}, got.Metadata); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct{ name, key, value, code string }{
		{"hyphen in a key", "a-b", "x", "InvalidMetadata"},
		{"digit first", "1a", "x", "InvalidMetadata"},
		{"no key", "", "x", "EmptyMetadataKey"},
		{"not ASCII", "a", "ü", "InvalidMetadata"},
		{"too large", "a", strings.Repeat("x", 8<<10), "MetadataTooLarge"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := b.SetMetadata(t.Context(), map[string]*string{tc.key: &tc.value}, nil)
			wantCode(t, err, 400, tc.code)
		})
	}
	_, err = c.NewBlobClient("missing").SetMetadata(t.Context(), nil, nil)
	wantCode(t, err, 404, "BlobNotFound")
}

func TestArchivedAndImmutable(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "b", "x")
	put(t, c, "other", "y")
	b := c.NewBlobClient("b")
	_, err := b.SetTier(t.Context(), blob.AccessTierArchive, nil)
	wantNoError(t, err)
	_, err = get(t.Context(), c, "b", nil)
	wantCode(t, err, 409, "BlobArchived")
	_, err = c.NewBlobClient("dst").StartCopyFromURL(t.Context(), b.URL(), nil)
	wantCode(t, err, 409, "BlobArchived")
	refused(t, c, 409, "BlobArchived")
	p, err := b.GetProperties(t.Context(), nil)
	wantNoError(t, err)
	if *p.AccessTier != "Archive" {
		t.Errorf("tier %s", *p.AccessTier)
	}
	_, err = b.SetTier(t.Context(), blob.AccessTierCool, nil)
	wantNoError(t, err)
	wantContent(t, c, "b", "x")

	if !s.SetImmutable("files", "b", true) || s.SetImmutable("files", "none", true) {
		t.Fatal("SetImmutable")
	}
	refused(t, c, 409, "BlobImmutableDueToPolicy")
	_, err = b.Delete(t.Context(), nil)
	wantCode(t, err, 409, "BlobImmutableDueToPolicy")
	s.SetImmutable("files", "b", false)
	_, err = b.Delete(t.Context(), nil)
	wantNoError(t, err)
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "b", "old")
	b := c.NewBlobClient("b")
	one, err := b.CreateSnapshot(t.Context(), nil)
	wantNoError(t, err)
	two, err := b.CreateSnapshot(t.Context(), nil)
	wantNoError(t, err)
	if *one.Snapshot == *two.Snapshot {
		t.Fatal("two snapshots of one name")
	}
	put(t, c, "b", "new")
	kept, err := b.WithSnapshot(*one.Snapshot)
	wantNoError(t, err)
	r, err := kept.DownloadStream(t.Context(), nil)
	wantNoError(t, err)
	defer r.Body.Close()
	if *r.ContentLength != 3 || *r.ETag != *one.ETag {
		t.Errorf("snapshot %+v", r)
	}
	_, err = b.Delete(t.Context(), nil)
	wantCode(t, err, 409, "SnapshotsPresent")
	_, err = kept.Delete(t.Context(), nil)
	wantNoError(t, err)
	if got, _ := s.Blob("files", "b"); len(got.Snapshots) != 1 {
		t.Errorf("snapshots %v", got.Snapshots)
	}
	_, err = b.Delete(t.Context(), &blob.DeleteOptions{DeleteSnapshots: ptr(blob.DeleteSnapshotsOptionTypeInclude)})
	wantNoError(t, err)
	if _, ok := s.Blob("files", "b"); ok {
		t.Error("still there")
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, c := start(t, azstub.Options{Clock: func() time.Time { return now }})
	put(t, c, "b", "x")
	put(t, c, "other", "y")
	l, err := lease.NewBlobClient(c.NewBlobClient("b"), nil)
	wantNoError(t, err)
	_, err = l.AcquireLease(t.Context(), 15, nil)
	wantNoError(t, err)
	refused(t, c, 412, "LeaseIdMissing")
	_, err = c.NewBlobClient("b").Delete(t.Context(), nil)
	wantCode(t, err, 412, "LeaseIdMissing")
	_, err = c.NewBlockBlobClient("b").StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
	wantCode(t, err, 412, "LeaseIdMissing")
	with := func(id *string) *blockblob.UploadOptions {
		return &blockblob.UploadOptions{AccessConditions: &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: id}}}
	}
	_, err = c.NewBlockBlobClient("b").Upload(t.Context(), body([]byte("z")), with(ptr("00000000-0000-0000-0000-000000000000")))
	wantCode(t, err, 412, "LeaseIdMismatchWithBlobOperation")
	_, err = c.NewBlockBlobClient("b").Upload(t.Context(), body([]byte("z")), with(l.LeaseID()))
	wantNoError(t, err)
	wantContent(t, c, "b", "z")
	other, err := lease.NewBlobClient(c.NewBlobClient("b"), nil)
	wantNoError(t, err)
	_, err = other.AcquireLease(t.Context(), -1, nil)
	wantCode(t, err, 409, "LeaseAlreadyPresent")
	now = now.Add(14 * time.Second)
	_, err = l.RenewLease(t.Context(), nil)
	wantNoError(t, err)
	now = now.Add(14 * time.Second)
	p, err := c.NewBlobClient("b").GetProperties(t.Context(), nil)
	wantNoError(t, err)
	if *p.LeaseState != "leased" {
		t.Errorf("state %s", *p.LeaseState)
	}
	now = now.Add(2 * time.Second)
	put(t, c, "b", "after the end")
	_, err = other.AcquireLease(t.Context(), -1, nil)
	wantNoError(t, err)
	_, err = other.ReleaseLease(t.Context(), nil)
	wantNoError(t, err)
	_, err = other.AcquireLease(t.Context(), -1, nil)
	wantNoError(t, err)
	_, err = l.BreakLease(t.Context(), nil)
	wantNoError(t, err)
	put(t, c, "b", "after the break")
}

func TestContainers(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{SKU: "Premium_LRS", HNS: true})
	_, err := c.Create(t.Context(), nil)
	wantCode(t, err, 409, "ContainerAlreadyExists")
	p, err := c.GetProperties(t.Context(), nil)
	wantNoError(t, err)
	if p.ETag == nil || p.LastModified == nil {
		t.Errorf("properties %+v", p)
	}
	info, err := c.GetAccountInfo(t.Context(), nil)
	wantNoError(t, err)
	if *info.SKUName != "Premium_LRS" || *info.AccountKind != "StorageV2" || !*info.IsHierarchicalNamespaceEnabled {
		t.Errorf("account %+v", info)
	}
	o := clientOptions(t, s)
	svc, err := service.NewClientFromConnectionString(s.ConnectionString(), &service.ClientOptions{ClientOptions: o.ClientOptions})
	wantNoError(t, err)
	s.CreateContainer("second")
	page, err := svc.NewListContainersPager(nil).NextPage(t.Context())
	wantNoError(t, err)
	if n := len(page.ContainerItems); n != 2 || *page.ContainerItems[1].Name != "second" {
		t.Errorf("%d containers", n)
	}
	_, err = svc.CreateContainer(t.Context(), "Bad", nil)
	wantCode(t, err, 400, "InvalidResourceName")
	_, err = c.Delete(t.Context(), nil)
	wantNoError(t, err)
	bb := c.NewBlockBlobClient("b")
	for name, op := range map[string]func() error{
		"Get Container":  func() error { _, err := c.GetProperties(t.Context(), nil); return err },
		"List Blobs":     func() error { _, err := c.NewListBlobsFlatPager(nil).NextPage(t.Context()); return err },
		"Get Blob":       func() error { _, err := bb.DownloadStream(t.Context(), nil); return err },
		"Head Blob":      func() error { _, err := bb.GetProperties(t.Context(), nil); return err },
		"Put Blob":       func() error { _, err := bb.Upload(t.Context(), body(nil), nil); return err },
		"Put Block":      func() error { _, err := bb.StageBlock(t.Context(), id("1"), body([]byte("x")), nil); return err },
		"Put Block List": func() error { _, err := bb.CommitBlockList(t.Context(), nil, nil); return err },
		"Delete Blob":    func() error { _, err := bb.Delete(t.Context(), nil); return err },
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, op(), 404, "ContainerNotFound") })
	}
}

func TestBatchDelete(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "a/ä", "x")
	put(t, c, "b", "x")
	bb, err := c.NewBatchBuilder()
	wantNoError(t, err)
	for _, n := range []string{"a/ä", "missing", "b"} {
		wantNoError(t, bb.Delete(n, nil))
	}
	r, err := c.SubmitBatch(t.Context(), bb, nil)
	wantNoError(t, err)
	if len(r.Responses) != 3 {
		t.Fatalf("%d answers", len(r.Responses))
	}
	wantNoError(t, r.Responses[0].Error)
	wantCode(t, r.Responses[1].Error, 404, "BlobNotFound")
	wantNoError(t, r.Responses[2].Error)
	if left := s.Names("files"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
