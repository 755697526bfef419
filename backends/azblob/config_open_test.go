package azblob_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestConfigOfContent: what is configured about blobs reaches them.
func TestConfigOfContent(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	place(t, s, map[string]azstub.Blob{
		"large":  {Content: random(1025)},
		"tagged": {Content: []byte("old"), Tags: map[string]string{"a": "b"}},
	})
	c, diags := decode(t, fmt.Sprintf(`endpoint = %q
		container = %q
		access_tier = "cool"
		keep_tags = true
		content_md5 = true
		append_copy_limit = "1KiB"
		auth "shared_key" { key = %q }`, s.URL(), testContainer, azstub.DevKey))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	b, err := c.Open(t.Context(), backends.Env{Name: "x", Log: slog.New(slog.DiscardHandler), Chunks: chunk.New(16 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := store(t.Context(), b, "/new", vfs.CreateOptions{}, zeros(9<<20)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Blob(testContainer, "new"); got.Tier != "Cool" || got.Headers.ContentMD5 == nil {
		t.Errorf("tier %q, MD5 %x", got.Tier, got.Headers.ContentMD5)
	}
	appending := vfs.CreateOptions{Mode: vfs.ModeAppend}
	if _, err := store(t.Context(), b, "/tagged", appending, strings.NewReader("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Blob(testContainer, "tagged"); got.Tags["a"] != "b" {
		t.Errorf("tags %v", got.Tags)
	}
	_, err = store(t.Context(), b, "/large", appending, strings.NewReader("new"))
	wantKind(t, err, vfs.KindTooLarge)
}
