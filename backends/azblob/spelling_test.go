package azblob_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// keysOf returns the metadata keys of a blob as they are stored. The SDK itself
// makes them lower case.
func keysOf(t *testing.T, c *container.Client, name string) []string {
	t.Helper()
	var resp *http.Response
	_, err := c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(name), MaxResults: to.Ptr[int32](1), Include: container.ListBlobsInclude{Metadata: true},
	}).NextPage(policy.WithCaptureResponse(t.Context(), &resp))
	if err != nil {
		t.Fatal(err)
	}
	page, err := runtime.Payload(resp)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "<Metadata>")
	text, _, _ = strings.Cut(text, "</Metadata>\n")
	text, _, _ = strings.Cut(text, "</Blob>")
	var keys []string
	for _, m := range regexp.MustCompile(`<([A-Za-z0-9_]+)>`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "tidegate_") && m[1] != "mtime" {
			keys = append(keys, m[1])
		}
	}
	slices.Sort(keys)
	return keys
}

// TestKeysKeepTheirCase: programs that compare metadata keys with their case find
// them after everything that writes metadata again.
func TestKeysKeepTheirCase(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *azblob.Backend, other *container.Client) {
		want := []string{"ALLCAPS", "CustomerId", "Metadata", "lower", "snake_Case"}
		meta := map[string]*string{}
		for i, key := range want {
			meta[key] = to.Ptr(fmt.Sprint("value ", i))
		}
		for name, blocks := range map[string]bool{"whole": false, "blocks": true} {
			var err error
			if blocks {
				stageAs(t, other, name, "block-00000000", "content")
				_, err = other.NewBlockBlobClient(name).CommitBlockList(t.Context(), []string{otherID("block-00000000")},
					&blockblob.CommitBlockListOptions{Metadata: meta})
			} else {
				_, err = other.NewBlockBlobClient(name).Upload(t.Context(), streaming.NopCloser(strings.NewReader("content")),
					&blockblob.UploadOptions{Metadata: meta})
			}
			if err != nil {
				t.Fatal(err)
			}
			// A name that begins with this one does not stand in for it.
			if _, err := store(t.Context(), b, "/"+name+"!", vfs.CreateOptions{}, strings.NewReader("x")); err != nil {
				t.Fatal(err)
			}
			check := func(what, name string, err error) {
				t.Helper()
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if got := keysOf(t, other, name); !slices.Equal(got, want) {
					t.Errorf("keys after %s: %q, want %q", what, got, want)
				}
				props, err := other.NewBlobClient(name).GetProperties(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				for key, value := range meta {
					got := props.Metadata[http.CanonicalHeaderKey(key)]
					if got == nil || *got != *value {
						t.Errorf("%s after %s: %v", key, what, got)
					}
				}
			}
			path := vfs.MustParse("/" + name)
			check("an upload", name, nil)
			check("a new time", name, b.SetModTime(t.Context(), path, time.Unix(1e9, 0)))
			_, err = store(t.Context(), b, "/"+name, vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("more"))
			check("an append", name, err)
			_, err = store(t.Context(), b, "/"+name, vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader(""))
			check("an append of nothing", name, err)
			_, err = b.Copy(t.Context(), path, vfs.MustParse("/copy of "+name), vfs.CopyOptions{})
			check("a copy", "copy of "+name, err)
			_, err = b.Copy(t.Context(), path, path, vfs.CopyOptions{})
			check("a copy onto itself", name, err)
			check("a rename", "renamed "+name, b.Rename(t.Context(), path, vfs.MustParse("/renamed "+name), vfs.RenameOptions{}))
			check("a rename into a directory", "dir/"+name, b.Rename(t.Context(), vfs.MustParse("/renamed "+name), vfs.MustParse("/dir/"+name), vfs.RenameOptions{}))
			check("a rename of the directory", "new/"+name, b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/new"), vfs.RenameOptions{}))
			if err := b.Rename(t.Context(), vfs.MustParse("/new/"+name), vfs.MustParse("/done "+name), vfs.RenameOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestKeysOfDirectory: to move a directory takes no request more, whatever
// metadata its blobs have: some have none, one a key that is called like an element.
func TestKeysOfDirectory(t *testing.T) {
	count := func(metas ...map[string]string) int64 {
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, small())
		for i, meta := range metas {
			place(t, s, map[string]azstub.Blob{fmt.Sprint("dir/", i): {Content: []byte("x"), Metadata: meta}})
		}
		before := s.Counts()
		if err := b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/new"), vfs.RenameOptions{}); err != nil {
			t.Fatal(err)
		}
		n := s.Counts().Since(before).Total()
		for i, meta := range metas {
			got, _ := s.Blob(testContainer, fmt.Sprint("new/", i))
			for key, value := range meta {
				if got.Metadata[key] != value {
					t.Errorf("blob %d: %v, want %v", i, got.Metadata, meta)
				}
			}
		}
		return n
	}
	plain := count(nil, nil, nil, nil)
	foreign := count(map[string]string{"CustomerId": "1"}, nil, map[string]string{"Metadata": "2", "Blob": "3", "Name": "4"}, map[string]string{"A_b": "5"})
	if plain != foreign {
		t.Errorf("%d requests, want %d", foreign, plain)
	}
}

// TestKeysOfOthersCost: an append and a change of the time cost one more request only if the
// blob has metadata of other programs.
func TestKeysOfOthersCost(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	blocks := []azstub.Block{{ID: otherID("0123456789abcdef"), Size: 1}}
	place(t, s, map[string]azstub.Blob{
		"ours":   {Content: []byte("x"), Blocks: blocks, Metadata: map[string]string{"mtime": "2001-02-03T04:05:06Z", "tidegate_upload": "1"}},
		"theirs": {Content: []byte("x"), Blocks: blocks, Metadata: map[string]string{"CustomerId": "1"}},
	})
	for name, listings := range map[string]int64{"ours": 0, "theirs": 1} {
		for what, do := range map[string]func() error{
			"append": func() error {
				_, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("more"))
				return err
			},
			"time": func() error { return b.SetModTime(t.Context(), vfs.MustParse("/"+name), time.Unix(1e9, 0)) },
		} {
			before := s.Counts()
			if err := do(); err != nil {
				t.Fatal(err)
			}
			if n := s.Counts().Since(before)[azstub.ListBlobs]; n != listings {
				t.Errorf("%s, %s: %d listings, want %d", name, what, n, listings)
			}
		}
	}
}
