package azblob

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/azstub"
	"github.com/tidegate/tidegate/internal/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// TestStalledRange: a service that stops sending in the middle of a range is
// asked again for the rest of it.
func TestStalledRange(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	content := bytes.Repeat([]byte("0123456789"), 50_000)
	if err := s.Place("files", "file", azstub.Blob{Content: content}); err != nil {
		t.Fatal(err)
	}
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Times: 2, Fault: azstub.Hang(azstub.ResponseBody(-1))})
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Options{ContainerURL: s.URL() + "/files", SharedKey: cred, Chunks: chunk.New(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	b.stall = 20 * time.Millisecond // instead of half a minute
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, want %d: %v", len(got), len(content), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
