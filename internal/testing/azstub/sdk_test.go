package azstub_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// start runs a server with a container "files" and returns the SDK's client
// for it, which does not retry.
func start(t *testing.T, opts azstub.Options) (*azstub.Server, *container.Client) {
	t.Helper()
	s := azstub.Start(t, opts)
	s.CreateContainer("files")
	return s, clientOf(t, s)
}

func clientOf(t *testing.T, s *azstub.Server) *container.Client {
	t.Helper()
	c, err := container.NewClientFromConnectionString(s.ConnectionString(), "files", clientOptions(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clientOptions(t *testing.T, s *azstub.Server) *container.ClientOptions {
	t.Helper()
	hc, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	return &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: hc,
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}}
}

func body(b []byte) io.ReadSeekCloser { return streaming.NopCloser(bytes.NewReader(b)) }

// put is Put Blob.
func put(t *testing.T, c *container.Client, name, content string) blockblob.UploadResponse {
	t.Helper()
	r, err := c.NewBlockBlobClient(name).Upload(t.Context(), body([]byte(content)), nil)
	if err != nil {
		t.Fatalf("put %q: %v", name, err)
	}
	return r
}

// get is Get Blob, read to the end.
func get(ctx context.Context, c *container.Client, name string, opts *blob.DownloadStreamOptions) ([]byte, error) {
	r, err := c.NewBlobClient(name).DownloadStream(ctx, opts)
	if err != nil {
		return nil, err
	}
	if r.Body == nil {
		return nil, errors.New("no body: " + deref(r.ErrorCode))
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

func wantContent(t *testing.T, c *container.Client, name, want string) {
	t.Helper()
	got, err := get(t.Context(), c, name, nil)
	if err != nil {
		t.Fatalf("get %q: %v", name, err)
	}
	if string(got) != want {
		t.Fatalf("content of %q: got %.60q, want %.60q", name, got, want)
	}
}

// wantCode fails unless err is the service's answer with status and code.
func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	var re *azcore.ResponseError
	if !errors.As(err, &re) {
		t.Fatalf("got %v, want %d %s", err, status, code)
	}
	if re.StatusCode != status || re.ErrorCode != code {
		t.Fatalf("got %d %s, want %d %s", re.StatusCode, re.ErrorCode, status, code)
	}
}

func wantNoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func ptr[T any](v T) *T { return &v }

func ifMatch(tag azcore.ETag) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &tag}}
}

func ifNoneMatch(tag azcore.ETag) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &tag}}
}

// TestWholeClient uploads and downloads with the SDK's own high-level calls,
// over HTTP and HTTPS, signed.
func TestWholeClient(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		opts azstub.Options
	}{
		{"http", azstub.Options{}},
		{"https", azstub.Options{TLS: true}},
		{"https, other account and key", azstub.Options{TLS: true, Account: "other", Key: "c2VjcmV0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, tc.opts)
			hc, err := s.Client()
			wantNoError(t, err)
			c, err := azblob.NewClientFromConnectionString(s.ConnectionString(), &azblob.ClientOptions{
				ClientOptions: azcore.ClientOptions{Transport: hc},
			})
			wantNoError(t, err)
			_, err = c.CreateContainer(t.Context(), "files", nil)
			wantNoError(t, err)
			want := bytes.Repeat([]byte("tide"), 1<<20)
			_, err = c.UploadStream(t.Context(), "files", "dir/große Datei", bytes.NewReader(want), &azblob.UploadStreamOptions{BlockSize: 1 << 20, Concurrency: 3})
			wantNoError(t, err)
			got := make([]byte, len(want))
			_, err = c.DownloadBuffer(t.Context(), "files", "dir/große Datei", got, &azblob.DownloadBufferOptions{BlockSize: 1 << 20})
			wantNoError(t, err)
			if !bytes.Equal(got, want) {
				t.Error("content differs")
			}
			if n := s.Counts().Of(azstub.PutBlock); n != 4 {
				t.Errorf("%d blocks, want 4", n)
			}
			for _, r := range s.Requests(0) {
				if r.Auth != azstub.SharedKey || r.Status >= http.StatusBadRequest {
					t.Errorf("%v: %s, status %d", r.Kind, r.Auth, r.Status)
				}
			}
		})
	}
}

// s2099 is when signatures expire that must not expire.
var s2099 = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
