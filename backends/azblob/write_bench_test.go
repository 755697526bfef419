package azblob_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// created answers every request at once: what remains is this package and the
// SDK.
type created struct{}

func (created) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
	}
	header := http.Header{}
	header.Set("ETag", `"0x8DE000000000001"`)
	header.Set("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
	header.Set("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
	return &http.Response{StatusCode: http.StatusCreated, Header: header, Body: http.NoBody, Request: req}, nil
}

// BenchmarkSmallFile stores 4 KiB, without a network.
func BenchmarkSmallFile(b *testing.B) {
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		b.Fatal(err)
	}
	backend, err := azblob.New(azblob.Options{
		ContainerURL: "http://127.0.0.1:1/" + azstub.DevAccount + "/files", SharedKey: cred,
		Chunks: chunk.New(256 << 20), Transport: created{},
	})
	if err != nil {
		b.Fatal(err)
	}
	content := make([]byte, 4<<10)
	path := vfs.MustParse("/incoming/file")
	b.ReportAllocs()
	for b.Loop() {
		w, err := backend.Create(b.Context(), path, vfs.CreateOptions{ContentType: "text/plain"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Commit(b.Context(), vfs.CommitOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
