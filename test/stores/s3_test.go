package stores

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestRcloneOverS3 runs the whole suite over rclone's S3 client and a server in memory, which
// knows multipart uploads and pages.
func TestRcloneOverS3(t *testing.T) {
	var store exactPages
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			store = exactPages{s3mem.New()}
			if err := store.CreateBucket(t.Context(), "bucket"); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(gofakes3.New(store, gofakes3.WithV4Auth(map[string]string{"key": "secret"})).Server())
			t.Cleanup(server.Close)
			return openRclone(t, rclone.Options{Store: "s3", Root: "bucket/prefix", Values: map[string]config.Secret{
				"provider": "Rclone", "endpoint": config.Secret(server.URL), "region": "us-east-1",
				"access_key_id": "key", "secret_access_key": "secret", "list_chunk": "100",
			}})
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
