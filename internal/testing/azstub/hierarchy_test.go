package azstub_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestParents: writing a file makes the directories above it, which stay when the file is
// deleted.
func TestParents(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{HNS: true})
	put(t, c, "a/b//c/file", "x")
	stage(t, c.NewBlockBlobClient("staged/file"), "1", "x")
	if diff := cmp.Diff([]string{"a", "a/b", "a/b/c"}, s.Directories("files")); diff != "" {
		t.Errorf("directories: %s", diff)
	}
	_, err := c.NewBlobClient("a/b").GetProperties(t.Context(), nil)
	wantNoError(t, err)
	_, err = c.NewBlobClient("a/b/c/file").Delete(t.Context(), nil)
	wantNoError(t, err)
	for _, name := range []string{"a", "a/b"} {
		_, err = c.NewBlobClient(name).Delete(t.Context(), nil)
		wantCode(t, err, 409, "DirectoryIsNotEmpty")
	}
	all := blob.DeleteSnapshotsOptionTypeInclude
	_, err = c.NewBlobClient("a/b/c").Delete(t.Context(), &blob.DeleteOptions{DeleteSnapshots: &all})
	wantCode(t, err, 400, "OperationNotSupportedOnDirectory")
	for _, name := range []string{"a/b/c", "a/b", "a"} {
		_, err = c.NewBlobClient(name).Delete(t.Context(), nil)
		wantNoError(t, err)
	}
	_, err = c.NewBlockBlobClient("staged/file").CommitBlockList(t.Context(), ids("1"), nil)
	wantNoError(t, err)
	if diff := cmp.Diff([]string{"staged"}, s.Directories("files")); diff != "" {
		t.Errorf("directories in the end: %s", diff)
	}
}

// TestDirectoriesOverBlob shows directories to the Blob endpoint, and what it refuses.
func TestDirectoriesOverBlob(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{HNS: true})
	put(t, c, "dir/file", "x")
	head, err := c.NewBlobClient("dir").GetProperties(t.Context(), nil)
	wantNoError(t, err)
	folder := ""
	for key, value := range head.Metadata {
		if strings.EqualFold(key, "hdi_isfolder") {
			folder = *value
		}
	}
	if folder != "true" || *head.ContentLength != 0 {
		t.Errorf("a directory has metadata %v and length %d", head.Metadata, *head.ContentLength)
	}
	dir, file := c.NewBlockBlobClient("dir"), c.NewBlockBlobClient("dir/file")
	upload := func(bb *blockblob.Client, opts *blockblob.UploadOptions) error {
		_, err := bb.Upload(t.Context(), body([]byte("y")), opts)
		return err
	}
	stageIn := func(bb *blockblob.Client) error {
		_, err := bb.StageBlock(t.Context(), id("1"), body([]byte("y")), nil)
		return err
	}
	tags := map[string]string{"k": "v"}
	for name, want := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"Put Blob over a directory":           {upload(dir, nil), 400, "OperationNotSupportedOnDirectory"},
		"Put Blob of a new name only":         {upload(dir, &blockblob.UploadOptions{AccessConditions: ifNoneMatch("*")}), 409, "BlobAlreadyExists"},
		"Put Block over a directory":          {stageIn(dir), 400, "OperationNotSupportedOnDirectory"},
		"Put Blob below a file":               {upload(c.NewBlockBlobClient("dir/file/x"), nil), 409, "PathConflict"},
		"Set Blob Metadata of a directory":    {second(dir.SetMetadata(t.Context(), map[string]*string{"a": ptr("b")}, nil)), 400, "OperationNotSupportedOnDirectory"},
		"Copy Blob of a directory":            {second(c.NewBlobClient("copy").StartCopyFromURL(t.Context(), dir.URL(), nil)), 400, "OperationNotSupportedOnDirectory"},
		"Snapshot Blob":                       {second(file.CreateSnapshot(t.Context(), nil)), 409, "FeatureNotYetSupportedForHierarchicalNamespaceAccounts"},
		"Put Blob with tags":                  {upload(file, &blockblob.UploadOptions{Tags: tags}), 409, "FeatureNotYetSupportedForHierarchicalNamespaceAccounts"},
		"Get Blob Tags":                       {second(file.GetTags(t.Context(), nil)), 400, "InvalidQueryParameterValue"},
		"Set Blob Tags":                       {second(file.SetTags(t.Context(), tags, nil)), 400, "InvalidQueryParameterValue"},
		"Put Blob that claims to be a folder": {upload(file, &blockblob.UploadOptions{Metadata: map[string]*string{"hdi_isfolder": ptr("true")}}), 400, "InvalidMetadata"},
		"62 segments":                         {upload(c.NewBlockBlobClient(strings.Repeat("d/", 61)+"f"), nil), 400, "PathIsTooDeep"},
		"61 segments":                         {upload(c.NewBlockBlobClient(strings.Repeat("d/", 60)+"f"), nil), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if want.status == 0 {
				wantNoError(t, want.err)
				return
			}
			wantCode(t, want.err, want.status, want.code)
		})
	}
	if b, _ := s.Blob("files", "dir/file"); string(b.Content) != "x" {
		t.Errorf("the file has become %q", b.Content)
	}
}

func second[T any](_ T, err error) error { return err }

// TestListDirectories lists directories with the properties that they have.
func TestListDirectories(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{}, "b-c/x", "b/sub/y", "b/z", "b.txt", "empty/")
	c := client(t, s)
	dir, _ := s.Blob("files", "b")
	page, err := c.NewListBlobsHierarchyPager("/", nil).NextPage(t.Context())
	wantNoError(t, err)
	for _, p := range page.Segment.BlobPrefixes {
		if p.Properties == nil || deref(p.Properties.ResourceType) != "directory" || p.Properties.LastModified == nil || p.Properties.ETag == nil {
			t.Errorf("prefix %s has properties %+v", *p.Name, p.Properties)
		}
	}
	for name, want := range map[string][]string{
		"delimiter=/":                       {"directory b/", "directory b-c/", "file b.txt", "directory empty/"},
		"delimiter=/&prefix=b/":             {"directory b/sub/", "file b/z"},
		"delimiter=/&prefix=b&maxresults=1": {"directory b/"},
		"delimiter=/&prefix=empty/":         nil,
		"prefix=b":                          {"directory b", "directory b/sub", "file b/sub/y", "file b/z", "directory b-c", "file b-c/x", "file b.txt"},
		"showonly=files&prefix=b":           {"file b/sub/y", "file b/z", "file b-c/x", "file b.txt"},
		"showonly=directories&delimiter=/":  {"directory b/", "directory b-c/", "directory empty/"},
	} {
		if diff := cmp.Diff(want, listed(rawList(t, s, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	put(t, c, "b/later", "x")
	if now, _ := s.Blob("files", "b"); now.ETag != dir.ETag {
		t.Error("a new file has changed the ETag of its directory")
	}
	_, err = c.NewListBlobsHierarchyPager("-", nil).NextPage(t.Context())
	wantCode(t, err, 400, "InvalidQueryParameterValue")
}

// listed are the entries of a listing, with what they are.
func listed(text string) (lines []string) {
	for part := range strings.SplitSeq(text, "<Name>") {
		name, rest, found := strings.Cut(part, "</Name>")
		if !found {
			continue
		}
		_, kind, _ := strings.Cut(rest, "<ResourceType>")
		kind, _, _ = strings.Cut(kind, "</ResourceType>")
		lines = append(lines, kind+" "+name)
	}
	return lines
}

// rawList is the XML of a listing.
func rawList(t *testing.T, s *azstub.Server, query string) string {
	t.Helper()
	r := exchangeDFS(t, s, http.MethodGet, s.URL()+"/files?restype=container&comp=list&"+query)
	if r.status != http.StatusOK {
		t.Fatalf("%s: %d %s", query, r.status, r.code)
	}
	return r.body
}

// TestPermissions asks for permissions in listings, which tells the kinds of accounts apart.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, deny := range [][]azstub.Kind{nil, azstub.DataContributor(), azstub.ContainerSAS()} {
		flat, _ := start(t, azstub.Options{Deny: deny, Auth: azstub.NoAuth})
		query := "/files?restype=container&comp=list&include=permissions&maxresults=1"
		if r := exchangeDFS(t, flat, http.MethodGet, flat.URL()+query); r.status != 400 || r.code != "InvalidQueryParameterValue" {
			t.Errorf("flat: %d %s", r.status, r.code)
		}
		tree, _ := start(t, azstub.Options{HNS: true, Deny: deny, Auth: azstub.NoAuth})
		if r := exchangeDFS(t, tree, http.MethodGet, tree.URL()+query); r.status != 200 {
			t.Errorf("hierarchical, empty: %d %s", r.status, r.code)
		}
		wantNoError(t, tree.Place("files", "d/f", azstub.Blob{Content: []byte("x"), ACL: "user::rwx,user:someone:r-x,group::r--,other::---"}))
		text := rawList(t, tree, "include=permissions")
		for _, want := range []string{
			"<Permissions>rwxr-x---+</Permissions>", "<Owner>$superuser</Owner>", "<Permissions>rwxr-x---</Permissions>",
			"<Acl>user::rwx,user:someone:r-x,group::r--,other::---,mask::r-x</Acl>",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not in %s", want, text)
			}
		}
	}
}
