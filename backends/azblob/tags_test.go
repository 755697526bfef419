package azblob_test

import (
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

func tagsOf(t *testing.T, c *container.Client, name string) map[string]string {
	t.Helper()
	answer, err := c.NewBlobClient(name).GetTags(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for _, tag := range answer.BlobTagSet {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

// TestTags: results of scans are not kept with other content. Other tags
// are kept with KeepTags.
func TestTags(t *testing.T) {
	t.Parallel()
	tags := map[string]string{
		"project": "north sea + 1", "Malware Scanning scan result": "No threats found", "Malware Scanning scan time UTC": "2026-09-01 12:00:00Z",
	}
	for _, keep := range []bool{false, true} {
		o := small()
		o.KeepTags = keep
		onBothWith(t, o, func(t *testing.T, b *azblob.Backend, other *container.Client) {
			want := map[string]string{}
			if keep {
				want["project"] = tags["project"]
			}
			for name, blocks := range map[string]bool{"whole": false, "blocks": true, "empty": false} {
				content := "content"
				if name == "empty" {
					content = ""
				}
				if blocks {
					commitAs(t, other, name, "block-00000000", content)
				} else if _, err := other.NewBlockBlobClient(name).Upload(t.Context(), streaming.NopCloser(strings.NewReader(content)), nil); err != nil {
					t.Fatal(err)
				}
				if _, err := other.NewBlobClient(name).SetTags(t.Context(), tags, nil); err != nil {
					t.Fatal(err)
				}
				resume := vfs.CreateOptions{Mode: vfs.ModeResume, Offset: int64(len(content))}
				if _, err := store(t.Context(), b, "/"+name, resume, strings.NewReader("more")); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, tagsOf(t, other, name)); diff != "" {
					t.Errorf("%s, kept %v:\n%s", name, keep, diff)
				}
				if _, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{}, strings.NewReader("another")); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(map[string]string{}, tagsOf(t, other, name)); diff != "" {
					t.Errorf("replaced %s, kept %v:\n%s", name, keep, diff)
				}
			}
		})
	}
}

// TestTagsOfCopies: a copy, and what is renamed, has the tags that an append keeps.
func TestTagsOfCopies(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		o := small()
		o.KeepTags = keep
		onBothWith(t, o, func(t *testing.T, b *azblob.Backend, other *container.Client) {
			want := map[string]string{}
			if keep {
				want["project"] = "north sea + 1"
			}
			for _, name := range []string{"file", "dir/file"} {
				commitAs(t, other, name, "block-00000000", "content")
				_, err := other.NewBlobClient(name).SetTags(t.Context(), map[string]string{
					"project": "north sea + 1", "Malware Scanning scan result": "No threats found",
				}, nil)
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Copy(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/copy"), vfs.CopyOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := b.Rename(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/moved"), vfs.RenameOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/new"), vfs.RenameOptions{}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"copy", "moved", "new/file"} {
				if diff := cmp.Diff(want, tagsOf(t, other, name)); diff != "" {
					t.Errorf("%s, kept %v:\n%s", name, keep, diff)
				}
			}
		})
	}
}

// TestTagsWithoutTheRight: without the right to read tags, appending works when none are
// kept, and otherwise fails with the reason. The file stays.
func TestTagsWithoutTheRight(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := azstub.Start(t, azstub.Options{Deny: azstub.DataContributor()})
		o := small()
		o.KeepTags = keep
		b := openStub(t, s, o)
		place(t, s, map[string]azstub.Blob{"log": {Content: []byte("old"), Tags: map[string]string{"a": "b"}}, "untagged": {Content: []byte("old")}})
		if _, err := store(t.Context(), b, "/untagged", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("new")); err != nil {
			t.Error(err)
		}
		_, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("new"))
		if !keep {
			if err != nil {
				t.Error(err)
			}
			wantContent(t, s, "log", []byte("oldnew"))
			for _, r := range s.Requests(0) {
				if r.Header.Get("x-ms-tags") != "" || r.Kind == azstub.GetTags {
					t.Errorf("%v speaks of tags", r.Kind)
				}
			}
			continue
		}
		wantKind(t, err, vfs.KindUnavailable)
		if reason := vfs.ReasonOf(err); reason != "index tags of the file cannot be read" {
			t.Errorf("reason %q", reason)
		}
		if text := err.Error(); !strings.Contains(text, "Storage Blob Data Owner") {
			t.Errorf("the log is told %q", text)
		}
		wantContent(t, s, "log", []byte("old"))
	}
}
