package azblob_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
)

// TestSAS does everything with a SAS of one container, which the source of a
// copy needs as well, and which may not ask for the account.
func TestSAS(t *testing.T) {
	t.Parallel()
	s := azurite.Shared(t)
	cred, err := container.NewSharedKeyCredential(s.Account, s.Key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := container.NewClientWithSharedKeyCredential(s.Endpoint+"/"+s.Container(t), cred, nil)
	if err != nil {
		t.Fatal(err)
	}
	url, err := client.GetSASURL(sas.ContainerPermissions{Read: true, Add: true, Create: true, Write: true, Delete: true, List: true},
		time.Now().Add(time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{ContainerURL: url, BlockSize: suiteBlock, Chunks: chunk.New(4 << 20), Retry: quick()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := t.Context()
	if err := b.Probe(ctx, azblob.NamespaceAuto); err != nil {
		t.Fatal(err)
	}
	content := random(3*suiteBlock + 1)
	if _, err := store(ctx, b, "/from/a b", vfs.CreateOptions{}, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if _, err := store(ctx, b, "/from/a b", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Rename(ctx, vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := load(ctx, b, "/to/a b", vfs.OpenOptions{})
	if err != nil || !bytes.Equal(got, append(content, 'x')) {
		t.Errorf("%d bytes, want %d: %v", len(got), len(content)+1, err)
	}
	wantNames(t, b, "/", "to/")
	if _, err := b.Copy(ctx, vfs.MustParse("/to/a b"), vfs.MustParse("/copy"), vfs.CopyOptions{}); err != nil {
		t.Error(err)
	}
	if err := b.Remove(ctx, vfs.MustParse("/to/a b"), vfs.TypeFile); err != nil {
		t.Error(err)
	}
	if _, err := load(ctx, b, "/to/a b", vfs.OpenOptions{}); err == nil || strings.Contains(err.Error(), "sig=") {
		t.Errorf("got %v", err)
	}
}
