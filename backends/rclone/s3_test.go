package rclone_test

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

// openS3 opens a bucket of a server in memory, with further options and with memory of a
// process. test/stores runs the suite over it.
func openS3(t *testing.T, values map[string]config.Secret, parts *memory.Parts, ledger *fairshare.Ledger) *rclone.Backend {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server())
	t.Cleanup(server.Close)
	options := map[string]config.Secret{
		"provider": "Rclone", "endpoint": config.Secret(server.URL), "region": "us-east-1", "access_key_id": "key", "secret_access_key": "secret",
	}
	maps.Copy(options, values)
	return open(t, rclone.Options{Store: "s3", Root: "bucket", Values: options, Memory: parts, Ledger: ledger})
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
