package azstub_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// walk lists with the SDK's hierarchical pager and returns items and prefixes
// as they came, page by page.
func walk(ctx context.Context, c *container.Client, opts *container.ListBlobsHierarchyOptions) (items, prefixes []string, pages int, err error) {
	for p := c.NewListBlobsHierarchyPager("/", opts); p.More(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, nil, 0, err
		}
		pages++
		for _, b := range page.Segment.BlobItems {
			items = append(items, *b.Name)
		}
		for _, b := range page.Segment.BlobPrefixes {
			prefixes = append(prefixes, *b.Name)
		}
	}
	return items, prefixes, pages, nil
}

func TestHierarchy(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	for _, n := range []string{"dir", "dir/", "dir/a", "dir/b", "dir/sub/c", "dir.txt", "z/\U0001F600/x", "z/～", "z/\U0001F600"} {
		wantNoError(t, s.Place("files", n, azstub.Blob{Content: []byte(n), Metadata: map[string]string{"k": "v&<" + fmt.Sprint(len(n))}}))
	}
	for _, tc := range []struct {
		name, prefix    string
		max             int32
		items, prefixes []string
		pages           int
	}{
		{"root", "", 5000, []string{"dir", "dir.txt"}, []string{"dir/", "z/"}, 1},
		{"root by one", "", 1, []string{"dir", "dir.txt"}, []string{"dir/", "z/"}, 4},
		{"a directory with its marker", "dir/", 2, []string{"dir/", "dir/a", "dir/b"}, []string{"dir/sub/"}, 2},
		{"part of a name", "di", 3, []string{"dir", "dir.txt"}, []string{"dir/"}, 1},
		{"UTF-16 order", "z/", 1, []string{"z/\U0001F600", "z/～"}, []string{"z/\U0001F600/"}, 3},
		{"nothing", "y", 1, nil, nil, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			items, prefixes, pages, err := walk(t.Context(), c, &container.ListBlobsHierarchyOptions{Prefix: &tc.prefix, MaxResults: &tc.max})
			wantNoError(t, err)
			if diff := cmp.Diff(tc.items, items) + cmp.Diff(tc.prefixes, prefixes) + cmp.Diff(tc.pages, pages); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("metadata only when asked for", func(t *testing.T) {
		for _, want := range []bool{true, false} {
			p, err := c.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{
				Prefix: ptr("dir.txt"), Include: container.ListBlobsInclude{Metadata: want},
			}).NextPage(t.Context())
			wantNoError(t, err)
			item := p.Segment.BlobItems[0]
			if got := item.Metadata["k"] != nil && *item.Metadata["k"] == "v&<7"; got != want {
				t.Errorf("metadata %v, wanted %v", item.Metadata, want)
			}
			if *item.Properties.ContentLength != 7 || item.Properties.LastModified == nil || item.Properties.ETag == nil {
				t.Errorf("properties %+v", item.Properties)
			}
		}
	})
}

// TestManyPages lists 12,000 blobs in the root and more below one directory.
func TestManyPages(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	const n, deep = 5_200, 500 // a page has 5,000
	for i := range n {
		wantNoError(t, s.Place("files", fmt.Sprintf("f%05d", (i*7919)%n), azstub.Blob{}))
		if i < deep {
			wantNoError(t, s.Place("files", fmt.Sprintf("deep/%05d", i), azstub.Blob{}))
		}
	}
	items, prefixes, pages, err := walk(t.Context(), c, nil)
	wantNoError(t, err)
	if len(items) != n || pages != 2 || len(prefixes) != 1 {
		t.Fatalf("%d items, %d prefixes, %d pages", len(items), len(prefixes), pages)
	}
	for i, name := range items {
		if name != fmt.Sprintf("f%05d", i) {
			t.Fatalf("item %d is %s", i, name)
		}
	}
	var flat int
	for p := c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: ptr(int32(777))}); p.More(); {
		page, err := p.NextPage(t.Context())
		wantNoError(t, err)
		flat += len(page.Segment.BlobItems)
	}
	if flat != n+deep {
		t.Errorf("%d blobs flat", flat)
	}
}

// TestListingWhileChanging removes and adds blobs between two pages: what stays
// is seen exactly once.
func TestListingWhileChanging(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{Limits: azstub.Limits{Page: 3}})
	for i := range 9 {
		put(t, c, fmt.Sprintf("stay%d", i), "x")
		put(t, c, fmt.Sprintf("stay%d-gone", i), "x")
	}
	seen := map[string]int{}
	for p := c.NewListBlobsFlatPager(nil); p.More(); {
		page, err := p.NextPage(t.Context())
		wantNoError(t, err)
		if len(page.Segment.BlobItems) > 3 {
			t.Fatal("page too long")
		}
		for _, b := range page.Segment.BlobItems {
			seen[*b.Name]++
		}
		for i := range 9 {
			s.Remove("files", fmt.Sprintf("stay%d-gone", i))
		}
		wantNoError(t, s.Place("files", "a-new-one", azstub.Blob{}))
	}
	for i := range 9 {
		if n := seen[fmt.Sprintf("stay%d", i)]; n != 1 {
			t.Errorf("stay%d seen %d times", i, n)
		}
	}
}

func TestListingOddities(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	wantNoError(t, s.Place("files", "odd \uFFFE+%", azstub.Blob{}))
	_, err := c.NewBlockBlobClient("half").StageBlock(t.Context(), "QUFB", body([]byte("x")), nil)
	wantNoError(t, err)
	put(t, c, "real", "x")
	_, err = c.NewBlobClient("real").CreateSnapshot(t.Context(), nil)
	wantNoError(t, err)
	list := func(inc container.ListBlobsInclude) (names []string) {
		page, err := c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: inc}).NextPage(t.Context())
		wantNoError(t, err)
		for _, b := range page.Segment.BlobItems {
			n := *b.Name
			if deref(b.Snapshot) != "" {
				n += "@"
			}
			names = append(names, n)
		}
		return names
	}
	for _, tc := range []struct {
		name string
		inc  container.ListBlobsInclude
		want string
	}{
		{"plain", container.ListBlobsInclude{}, "odd \uFFFE+%|real"},
		{"uncommitted", container.ListBlobsInclude{UncommittedBlobs: true}, "half|odd \uFFFE+%|real"},
		{"snapshots", container.ListBlobsInclude{Snapshots: true}, "odd \uFFFE+%|real@|real"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(list(tc.inc), "|"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	t.Run("bad parameters", func(t *testing.T) {
		_, err := c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Marker: ptr("nonsense")}).NextPage(t.Context())
		wantCode(t, err, 400, "InvalidQueryParameterValue")
		_, err = c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: ptr(int32(-1))}).NextPage(t.Context())
		wantCode(t, err, 400, "OutOfRangeQueryParameterValue")
	})
}

// TestNames sends names through the SDK and back.
func TestNames(t *testing.T) {
	t.Parallel()
	_, c := start(t, azstub.Options{})
	for _, name := range []string{
		"a b", "100%", "%20", "%2F", "a+b", "a#b?c&d", `"quoted" 'x' <&>`, "tab\tlf\ncr\r", "dots/../.", "/lead", "a//b", "trail/",
		"emoji \U0001F600", "e\u0301", "\u00e9", strings.Repeat("x", 1024), strings.Repeat("/s", 253),
	} {
		t.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			_, err := c.NewBlockBlobClient(name).Upload(t.Context(), body([]byte(name)), &blockblob.UploadOptions{})
			wantNoError(t, err)
			wantContent(t, c, name, name)
			page, err := c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &name}).NextPage(t.Context())
			wantNoError(t, err)
			if len(page.Segment.BlobItems) == 0 || *page.Segment.BlobItems[0].Name != name {
				t.Errorf("listed as %v", page.Segment.BlobItems)
			}
		})
	}
	for _, tc := range []struct{ name, blob, code string }{
		{"too long", strings.Repeat("x", 1025), "OutOfRangeInput"},
		{"too many segments", strings.Repeat("/s", 254), "InvalidResourceName"},
		{"not UTF-8", "\xff", "InvalidUri"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := c.NewBlockBlobClient(tc.blob).Upload(t.Context(), body(nil), nil)
			wantCode(t, err, 400, tc.code)
		})
	}
}
