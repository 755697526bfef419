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
func closed[B vfs.Backend](t *testing.T, b B, err error) B {
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

func openAzblob(t *testing.T, account, key, url string, o azblob.Options) *azblob.Backend {
	t.Helper()
	credential, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	o.ContainerURL, o.SharedKey, o.BlockSize, o.PageSize, o.Chunks = url, credential, block, page, chunk.New(4<<20)
	o.Retry = &policy.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: patience.Limit()}
	b, err := azblob.New(o)
	return closed(t, b, err)
}

// azblobOver is azblob in the container that url makes for each test.
func azblobOver(account, key string, m azblob.Markers, url func(t *testing.T) string) vfstest.Target {
	return vfstest.Target{
		New:     func(t *testing.T) vfs.Backend { return openAzblob(t, account, key, url(t), azblob.Options{Markers: m}) },
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

// TestLake runs the whole suite in an account with a hierarchical namespace.
func TestLake(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			s := azstub.Start(t, azstub.Options{HNS: true, Limits: azstub.Limits{Page: page}})
			s.CreateContainer("files")
			b := openAzblob(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/files", azblob.Options{DFSEndpoint: s.DFSURL()})
			if err := b.Probe(t.Context(), azblob.NamespaceHierarchical); err != nil {
				t.Fatal(err)
			}
			return b
		},
		Refuses: azstub.CannotHold, BlockSize: block, PageSize: page,
	})
}

// TestOneRequestAtATime has each guarantee proven where an operation may have one request to
// the store at a time, with both kinds of namespace: no request waits for itself.
func TestOneRequestAtATime(t *testing.T) {
	for _, hns := range []bool{false, true} {
		t.Run(map[bool]string{false: "flat", true: "hierarchical"}[hns], func(t *testing.T) {
			vfstest.RunAgain(t, vfstest.Target{
				New: func(t *testing.T) vfs.Backend {
					s := azstub.Start(t, azstub.Options{HNS: hns, Limits: azstub.Limits{Page: page}})
					s.CreateContainer("files")
					var o azblob.Options
					if hns {
						o.DFSEndpoint, o.Hierarchical.KeepACL = s.DFSURL(), true
					}
					b := openAzblob(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/files", o)
					if err := b.Probe(t.Context(), azblob.NamespaceAuto); err != nil {
						t.Fatal(err)
					}
					return vfstest.OneRequest(b)
				},
				Refuses: azstub.CannotHold, BlockSize: block, PageSize: page,
			})
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
