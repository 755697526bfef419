package stores

import (
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// The sizes are small, so that a few kilobytes and entries are many.
const (
	block = 64 << 10
	page  = 50
)

// closed returns a backend that is closed with the test.
func closed(t *testing.T, b vfs.Backend, err error) vfs.Backend {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func openAzblob(t *testing.T, account, key, url string, m azblob.Markers) vfs.Backend {
	t.Helper()
	credential, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{
		ContainerURL: url, SharedKey: credential, Markers: m, BlockSize: block, PageSize: page, Chunks: chunk.New(4 << 20),
		Retry: &policy.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: patience.Limit()},
	})
	return closed(t, b, err)
}

// azblobOver is azblob in the container that url makes for each test.
func azblobOver(account, key string, m azblob.Markers, url func(t *testing.T) string) vfstest.Target {
	return vfstest.Target{
		New:     func(t *testing.T) vfs.Backend { return openAzblob(t, account, key, url(t), m) },
		Refuses: azstub.CannotHold, BlockSize: block, PageSize: page,
	}
}

// TestMarkers runs what depends on how markers look with the forms that are not hdi, with
// which backends/azblob runs the whole suite: they change nothing but directories.
func TestMarkers(t *testing.T) {
	for _, m := range []azblob.Markers{azblob.MarkersSlash, azblob.MarkersNone} {
		t.Run(string(m), func(t *testing.T) {
			vfstest.RunMarkers(t, azblobOver(azstub.DevAccount, azstub.DevKey, m, func(t *testing.T) string {
				s := azstub.Start(t, azstub.Options{Limits: azstub.Limits{Page: page}})
				s.CreateContainer("files")
				return s.URL() + "/files"
			}))
		})
	}
}

// TestAzurite has each guarantee proven over a second service. That no goroutine
// stays is shown over the stub.
func TestAzurite(t *testing.T) {
	s := azurite.Shared(t)
	target := azblobOver(s.Account, s.Key, azblob.MarkersHDI, func(t *testing.T) string { return s.Endpoint + "/" + s.Container(t) })
	target.Beside = true
	vfstest.RunAgain(t, target)
}
