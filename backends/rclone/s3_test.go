package rclone_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestBackendOverS3 runs the suite over rclone's S3 client and a server in
// memory, which knows multipart uploads and pages.
func TestBackendOverS3(t *testing.T) {
	var store exactPages
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) (b vfs.Backend) {
			b, store = openS3(t)
			return b
		},
		Fill: func(t *testing.T, files []vfs.Path) {
			for _, file := range files {
				if _, err := store.PutObject(t.Context(), "bucket", "prefix"+file.String(), nil, strings.NewReader("x"), 1); err != nil {
					t.Fatal(err)
				}
			}
		},
		PageSize: 100, // rclone collects as many before it hands them on
		// S3 has 1,024 bytes for a key.
		Refuses: func(name string) bool { return len(name) > 1000 },
	})
}

func openS3(t *testing.T) (*rclone.Backend, exactPages) {
	t.Helper()
	return openS3With(t, nil, nil)
}

// openS3With opens it with further options and with memory of a process.
func openS3With(t *testing.T, values map[string]config.Secret, parts *memory.Parts) (*rclone.Backend, exactPages) {
	t.Helper()
	store := exactPages{s3mem.New()}
	if err := store.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(store, gofakes3.WithV4Auth(map[string]string{"key": "secret"})).Server())
	t.Cleanup(server.Close)
	options := map[string]config.Secret{
		"provider": "Rclone", "endpoint": config.Secret(server.URL), "region": "us-east-1",
		"access_key_id": "key", "secret_access_key": "secret", "list_chunk": "100",
	}
	maps.Copy(options, values)
	return open(t, rclone.Options{Store: "s3", Root: "bucket/prefix", Values: options, Memory: parts}), store
}

// exactPages makes the server's pages go on behind their last key, as S3's do.
// s3mem leaves out the next key when that one has been removed meanwhile.
type exactPages struct{ *s3mem.Backend }

func (s exactPages) ListBucket(ctx context.Context, name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	all, err := s.Backend.ListBucket(ctx, name, prefix, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	contents := map[string]*gofakes3.Content{}
	var keys []string
	for _, content := range all.Contents {
		contents[content.Key] = content
		keys = append(keys, content.Key)
	}
	for _, common := range all.CommonPrefixes {
		keys = append(keys, common.Prefix)
	}
	slices.Sort(keys)
	keys = slices.DeleteFunc(keys, func(key string) bool { return page.Marker != "" && key <= page.Marker })
	list := gofakes3.NewObjectList()
	for i, key := range keys {
		if page.MaxKeys > 0 && int64(i) == page.MaxKeys {
			list.IsTruncated, list.NextMarker = true, keys[i-1]
			break
		}
		if content, ok := contents[key]; ok {
			list.Add(content)
		} else {
			list.AddPrefix(key)
		}
	}
	return list, nil
}

// A bucket that is missing ends the start, with and without a prefix, and nothing is
// made. The error names the block.
func TestMissingBucket(t *testing.T) {
	store := s3mem.New()
	server := httptest.NewServer(gofakes3.New(store).Server())
	t.Cleanup(server.Close)
	for _, root := range []string{"ingesst", "ingesst/sub"} {
		c, diags := decode(t, fmt.Sprintf("type = \"s3\"\nroot = %q\noptions = {\n provider = \"Rclone\"\n endpoint = %q\n region = \"us-east-1\"\n access_key_id = \"key\"\n secret_access_key = \"secret\"\n}", root, server.URL))
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		_, err := c.Open(t.Context(), backends.Env{Name: "uploads", Log: slog.New(slog.DiscardHandler)})
		if vfs.KindOf(err) != vfs.KindNotExist || !strings.Contains(err.Error(), `"uploads"`) || !strings.Contains(err.Error(), root) {
			t.Errorf("root %q: %v, want an error that names it and the backend", root, err)
		}
	}
	if buckets, err := store.ListBuckets(t.Context()); err != nil || len(buckets) > 0 {
		t.Errorf("there are buckets: %v, %v", buckets, err)
	}
}

// A store that refuses the gateway's credential is not available, and the log tells
// it once.
func TestRefusedCredential(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("list-type") || r.URL.Query().Has("delimiter") {
			_, _ = io.WriteString(w, `<ListBucketResult><Name>bucket</Name></ListBucketResult>`)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, `<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>`)
		}
	}))
	t.Cleanup(server.Close)
	var lines strings.Builder
	b, err := rclone.Open(t.Context(), rclone.Options{
		Store: "s3", Root: "bucket", Log: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelError})),
		Values: map[string]config.Secret{
			"provider": "Rclone", "endpoint": config.Secret(server.URL), "region": "us-east-1", "access_key_id": "key", "secret_access_key": "secret",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); vfs.KindOf(err) != vfs.KindUnavailable {
			t.Errorf("Stat: %v, want %v", err, vfs.KindUnavailable)
		}
	}
	if n := strings.Count(lines.String(), "the store refuses the gateway"); n != 1 {
		t.Errorf("the log has %d lines before the end, want 1:\n%s", n, &lines)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
